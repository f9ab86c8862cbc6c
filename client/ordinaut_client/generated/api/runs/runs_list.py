import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.paginated_run_list import PaginatedRunList
from ...models.problem import Problem
from ...models.runs_list_ordering import RunsListOrdering
from ...models.runs_list_status_item import RunsListStatusItem
from ...models.runs_list_waiting_for_item import RunsListWaitingForItem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    agent: UUID | Unset = UNSET,
    backfill: UUID | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    cursor: str | Unset = UNSET,
    include_errors: bool | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: RunsListOrdering | Unset = "-id",
    scheduled_after: datetime.datetime | Unset = UNSET,
    scheduled_before: datetime.datetime | Unset = UNSET,
    simulated: bool | Unset = UNSET,
    status: list[RunsListStatusItem] | Unset = UNSET,
    task_id: UUID | Unset = UNSET,
    waiting_for: list[RunsListWaitingForItem] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_agent: str | Unset = UNSET
    if not isinstance(agent, Unset):
        json_agent = str(agent)
    params["agent"] = json_agent

    json_backfill: str | Unset = UNSET
    if not isinstance(backfill, Unset):
        json_backfill = str(backfill)
    params["backfill"] = json_backfill

    json_created_after: str | Unset = UNSET
    if not isinstance(created_after, Unset):
        json_created_after = created_after.isoformat()
    params["created_after"] = json_created_after

    json_created_before: str | Unset = UNSET
    if not isinstance(created_before, Unset):
        json_created_before = created_before.isoformat()
    params["created_before"] = json_created_before

    params["cursor"] = cursor

    params["include_errors"] = include_errors

    params["limit"] = limit

    json_ordering: str | Unset = UNSET
    if not isinstance(ordering, Unset):
        json_ordering = ordering

    params["ordering"] = json_ordering

    json_scheduled_after: str | Unset = UNSET
    if not isinstance(scheduled_after, Unset):
        json_scheduled_after = scheduled_after.isoformat()
    params["scheduled_after"] = json_scheduled_after

    json_scheduled_before: str | Unset = UNSET
    if not isinstance(scheduled_before, Unset):
        json_scheduled_before = scheduled_before.isoformat()
    params["scheduled_before"] = json_scheduled_before

    params["simulated"] = simulated

    json_status: list[str] | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = []
        for status_item_data in status:
            status_item: str = status_item_data
            json_status.append(status_item)

    params["status"] = json_status

    json_task_id: str | Unset = UNSET
    if not isinstance(task_id, Unset):
        json_task_id = str(task_id)
    params["task_id"] = json_task_id

    json_waiting_for: list[str] | Unset = UNSET
    if not isinstance(waiting_for, Unset):
        json_waiting_for = []
        for waiting_for_item_data in waiting_for:
            waiting_for_item: str = waiting_for_item_data
            json_waiting_for.append(waiting_for_item)

    params["waiting_for"] = json_waiting_for

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/runs",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> PaginatedRunList | Problem:
    if response.status_code == 200:
        response_200 = PaginatedRunList.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[PaginatedRunList | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    agent: UUID | Unset = UNSET,
    backfill: UUID | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    cursor: str | Unset = UNSET,
    include_errors: bool | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: RunsListOrdering | Unset = "-id",
    scheduled_after: datetime.datetime | Unset = UNSET,
    scheduled_before: datetime.datetime | Unset = UNSET,
    simulated: bool | Unset = UNSET,
    status: list[RunsListStatusItem] | Unset = UNSET,
    task_id: UUID | Unset = UNSET,
    waiting_for: list[RunsListWaitingForItem] | Unset = UNSET,
) -> Response[PaginatedRunList | Problem]:
    """Runs, the newest first

    Args:
        agent (UUID | Unset):
        backfill (UUID | Unset):
        created_after (datetime.datetime | Unset):
        created_before (datetime.datetime | Unset):
        cursor (str | Unset):
        include_errors (bool | Unset):
        limit (int | Unset):  Default: 50.
        ordering (RunsListOrdering | Unset):  Default: '-id'.
        scheduled_after (datetime.datetime | Unset):
        scheduled_before (datetime.datetime | Unset):
        simulated (bool | Unset):
        status (list[RunsListStatusItem] | Unset):
        task_id (UUID | Unset):
        waiting_for (list[RunsListWaitingForItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedRunList | Problem]
    """

    kwargs = _get_kwargs(
        agent=agent,
        backfill=backfill,
        created_after=created_after,
        created_before=created_before,
        cursor=cursor,
        include_errors=include_errors,
        limit=limit,
        ordering=ordering,
        scheduled_after=scheduled_after,
        scheduled_before=scheduled_before,
        simulated=simulated,
        status=status,
        task_id=task_id,
        waiting_for=waiting_for,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    agent: UUID | Unset = UNSET,
    backfill: UUID | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    cursor: str | Unset = UNSET,
    include_errors: bool | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: RunsListOrdering | Unset = "-id",
    scheduled_after: datetime.datetime | Unset = UNSET,
    scheduled_before: datetime.datetime | Unset = UNSET,
    simulated: bool | Unset = UNSET,
    status: list[RunsListStatusItem] | Unset = UNSET,
    task_id: UUID | Unset = UNSET,
    waiting_for: list[RunsListWaitingForItem] | Unset = UNSET,
) -> PaginatedRunList | Problem | None:
    """Runs, the newest first

    Args:
        agent (UUID | Unset):
        backfill (UUID | Unset):
        created_after (datetime.datetime | Unset):
        created_before (datetime.datetime | Unset):
        cursor (str | Unset):
        include_errors (bool | Unset):
        limit (int | Unset):  Default: 50.
        ordering (RunsListOrdering | Unset):  Default: '-id'.
        scheduled_after (datetime.datetime | Unset):
        scheduled_before (datetime.datetime | Unset):
        simulated (bool | Unset):
        status (list[RunsListStatusItem] | Unset):
        task_id (UUID | Unset):
        waiting_for (list[RunsListWaitingForItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedRunList | Problem
    """

    return sync_detailed(
        client=client,
        agent=agent,
        backfill=backfill,
        created_after=created_after,
        created_before=created_before,
        cursor=cursor,
        include_errors=include_errors,
        limit=limit,
        ordering=ordering,
        scheduled_after=scheduled_after,
        scheduled_before=scheduled_before,
        simulated=simulated,
        status=status,
        task_id=task_id,
        waiting_for=waiting_for,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    agent: UUID | Unset = UNSET,
    backfill: UUID | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    cursor: str | Unset = UNSET,
    include_errors: bool | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: RunsListOrdering | Unset = "-id",
    scheduled_after: datetime.datetime | Unset = UNSET,
    scheduled_before: datetime.datetime | Unset = UNSET,
    simulated: bool | Unset = UNSET,
    status: list[RunsListStatusItem] | Unset = UNSET,
    task_id: UUID | Unset = UNSET,
    waiting_for: list[RunsListWaitingForItem] | Unset = UNSET,
) -> Response[PaginatedRunList | Problem]:
    """Runs, the newest first

    Args:
        agent (UUID | Unset):
        backfill (UUID | Unset):
        created_after (datetime.datetime | Unset):
        created_before (datetime.datetime | Unset):
        cursor (str | Unset):
        include_errors (bool | Unset):
        limit (int | Unset):  Default: 50.
        ordering (RunsListOrdering | Unset):  Default: '-id'.
        scheduled_after (datetime.datetime | Unset):
        scheduled_before (datetime.datetime | Unset):
        simulated (bool | Unset):
        status (list[RunsListStatusItem] | Unset):
        task_id (UUID | Unset):
        waiting_for (list[RunsListWaitingForItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedRunList | Problem]
    """

    kwargs = _get_kwargs(
        agent=agent,
        backfill=backfill,
        created_after=created_after,
        created_before=created_before,
        cursor=cursor,
        include_errors=include_errors,
        limit=limit,
        ordering=ordering,
        scheduled_after=scheduled_after,
        scheduled_before=scheduled_before,
        simulated=simulated,
        status=status,
        task_id=task_id,
        waiting_for=waiting_for,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    agent: UUID | Unset = UNSET,
    backfill: UUID | Unset = UNSET,
    created_after: datetime.datetime | Unset = UNSET,
    created_before: datetime.datetime | Unset = UNSET,
    cursor: str | Unset = UNSET,
    include_errors: bool | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: RunsListOrdering | Unset = "-id",
    scheduled_after: datetime.datetime | Unset = UNSET,
    scheduled_before: datetime.datetime | Unset = UNSET,
    simulated: bool | Unset = UNSET,
    status: list[RunsListStatusItem] | Unset = UNSET,
    task_id: UUID | Unset = UNSET,
    waiting_for: list[RunsListWaitingForItem] | Unset = UNSET,
) -> PaginatedRunList | Problem | None:
    """Runs, the newest first

    Args:
        agent (UUID | Unset):
        backfill (UUID | Unset):
        created_after (datetime.datetime | Unset):
        created_before (datetime.datetime | Unset):
        cursor (str | Unset):
        include_errors (bool | Unset):
        limit (int | Unset):  Default: 50.
        ordering (RunsListOrdering | Unset):  Default: '-id'.
        scheduled_after (datetime.datetime | Unset):
        scheduled_before (datetime.datetime | Unset):
        simulated (bool | Unset):
        status (list[RunsListStatusItem] | Unset):
        task_id (UUID | Unset):
        waiting_for (list[RunsListWaitingForItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedRunList | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            agent=agent,
            backfill=backfill,
            created_after=created_after,
            created_before=created_before,
            cursor=cursor,
            include_errors=include_errors,
            limit=limit,
            ordering=ordering,
            scheduled_after=scheduled_after,
            scheduled_before=scheduled_before,
            simulated=simulated,
            status=status,
            task_id=task_id,
            waiting_for=waiting_for,
        )
    ).parsed
