import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.paginated_ledger_list import PaginatedLedgerList
from ...models.problem import Problem
from ...models.tasks_ledger_ordering import TasksLedgerOrdering
from ...models.tasks_ledger_reason_item import TasksLedgerReasonItem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    task: UUID,
    *,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: TasksLedgerOrdering | Unset = "-scheduled_for",
    reason: list[TasksLedgerReasonItem] | Unset = UNSET,
    scheduled_after: datetime.datetime | Unset = UNSET,
    scheduled_before: datetime.datetime | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["cursor"] = cursor

    params["limit"] = limit

    json_ordering: str | Unset = UNSET
    if not isinstance(ordering, Unset):
        json_ordering = ordering

    params["ordering"] = json_ordering

    json_reason: list[str] | Unset = UNSET
    if not isinstance(reason, Unset):
        json_reason = []
        for reason_item_data in reason:
            reason_item: str = reason_item_data
            json_reason.append(reason_item)

    params["reason"] = json_reason

    json_scheduled_after: str | Unset = UNSET
    if not isinstance(scheduled_after, Unset):
        json_scheduled_after = scheduled_after.isoformat()
    params["scheduled_after"] = json_scheduled_after

    json_scheduled_before: str | Unset = UNSET
    if not isinstance(scheduled_before, Unset):
        json_scheduled_before = scheduled_before.isoformat()
    params["scheduled_before"] = json_scheduled_before

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/tasks/{task}/ledger".format(
            task=quote(str(task), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> PaginatedLedgerList | Problem:
    if response.status_code == 200:
        response_200 = PaginatedLedgerList.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[PaginatedLedgerList | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    task: UUID,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: TasksLedgerOrdering | Unset = "-scheduled_for",
    reason: list[TasksLedgerReasonItem] | Unset = UNSET,
    scheduled_after: datetime.datetime | Unset = UNSET,
    scheduled_before: datetime.datetime | Unset = UNSET,
) -> Response[PaginatedLedgerList | Problem]:
    """The instants of a task that made no run, and why

    Args:
        task (UUID):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        ordering (TasksLedgerOrdering | Unset):  Default: '-scheduled_for'.
        reason (list[TasksLedgerReasonItem] | Unset):
        scheduled_after (datetime.datetime | Unset):
        scheduled_before (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedLedgerList | Problem]
    """

    kwargs = _get_kwargs(
        task=task,
        cursor=cursor,
        limit=limit,
        ordering=ordering,
        reason=reason,
        scheduled_after=scheduled_after,
        scheduled_before=scheduled_before,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    task: UUID,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: TasksLedgerOrdering | Unset = "-scheduled_for",
    reason: list[TasksLedgerReasonItem] | Unset = UNSET,
    scheduled_after: datetime.datetime | Unset = UNSET,
    scheduled_before: datetime.datetime | Unset = UNSET,
) -> PaginatedLedgerList | Problem | None:
    """The instants of a task that made no run, and why

    Args:
        task (UUID):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        ordering (TasksLedgerOrdering | Unset):  Default: '-scheduled_for'.
        reason (list[TasksLedgerReasonItem] | Unset):
        scheduled_after (datetime.datetime | Unset):
        scheduled_before (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedLedgerList | Problem
    """

    return sync_detailed(
        task=task,
        client=client,
        cursor=cursor,
        limit=limit,
        ordering=ordering,
        reason=reason,
        scheduled_after=scheduled_after,
        scheduled_before=scheduled_before,
    ).parsed


async def asyncio_detailed(
    task: UUID,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: TasksLedgerOrdering | Unset = "-scheduled_for",
    reason: list[TasksLedgerReasonItem] | Unset = UNSET,
    scheduled_after: datetime.datetime | Unset = UNSET,
    scheduled_before: datetime.datetime | Unset = UNSET,
) -> Response[PaginatedLedgerList | Problem]:
    """The instants of a task that made no run, and why

    Args:
        task (UUID):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        ordering (TasksLedgerOrdering | Unset):  Default: '-scheduled_for'.
        reason (list[TasksLedgerReasonItem] | Unset):
        scheduled_after (datetime.datetime | Unset):
        scheduled_before (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedLedgerList | Problem]
    """

    kwargs = _get_kwargs(
        task=task,
        cursor=cursor,
        limit=limit,
        ordering=ordering,
        reason=reason,
        scheduled_after=scheduled_after,
        scheduled_before=scheduled_before,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    task: UUID,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: TasksLedgerOrdering | Unset = "-scheduled_for",
    reason: list[TasksLedgerReasonItem] | Unset = UNSET,
    scheduled_after: datetime.datetime | Unset = UNSET,
    scheduled_before: datetime.datetime | Unset = UNSET,
) -> PaginatedLedgerList | Problem | None:
    """The instants of a task that made no run, and why

    Args:
        task (UUID):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        ordering (TasksLedgerOrdering | Unset):  Default: '-scheduled_for'.
        reason (list[TasksLedgerReasonItem] | Unset):
        scheduled_after (datetime.datetime | Unset):
        scheduled_before (datetime.datetime | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedLedgerList | Problem
    """

    return (
        await asyncio_detailed(
            task=task,
            client=client,
            cursor=cursor,
            limit=limit,
            ordering=ordering,
            reason=reason,
            scheduled_after=scheduled_after,
            scheduled_before=scheduled_before,
        )
    ).parsed
