import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.paginated_task_list import PaginatedTaskList
from ...models.problem import Problem
from ...models.tasks_list_ordering import TasksListOrdering
from ...models.tasks_list_schedule_kind_item import TasksListScheduleKindItem
from ...models.tasks_list_status_item import TasksListStatusItem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    created_by: UUID | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    next_run_after: datetime.datetime | Unset = UNSET,
    next_run_before: datetime.datetime | Unset = UNSET,
    ordering: TasksListOrdering | Unset = "-id",
    priority: int | Unset = UNSET,
    schedule_kind: list[TasksListScheduleKindItem] | Unset = UNSET,
    status: list[TasksListStatusItem] | Unset = UNSET,
    title: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_created_by: str | Unset = UNSET
    if not isinstance(created_by, Unset):
        json_created_by = str(created_by)
    params["created_by"] = json_created_by

    params["cursor"] = cursor

    params["limit"] = limit

    json_next_run_after: str | Unset = UNSET
    if not isinstance(next_run_after, Unset):
        json_next_run_after = next_run_after.isoformat()
    params["next_run_after"] = json_next_run_after

    json_next_run_before: str | Unset = UNSET
    if not isinstance(next_run_before, Unset):
        json_next_run_before = next_run_before.isoformat()
    params["next_run_before"] = json_next_run_before

    json_ordering: str | Unset = UNSET
    if not isinstance(ordering, Unset):
        json_ordering = ordering

    params["ordering"] = json_ordering

    params["priority"] = priority

    json_schedule_kind: list[str] | Unset = UNSET
    if not isinstance(schedule_kind, Unset):
        json_schedule_kind = []
        for schedule_kind_item_data in schedule_kind:
            schedule_kind_item: str = schedule_kind_item_data
            json_schedule_kind.append(schedule_kind_item)

    params["schedule_kind"] = json_schedule_kind

    json_status: list[str] | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = []
        for status_item_data in status:
            status_item: str = status_item_data
            json_status.append(status_item)

    params["status"] = json_status

    params["title"] = title

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/tasks",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> PaginatedTaskList | Problem:
    if response.status_code == 200:
        response_200 = PaginatedTaskList.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[PaginatedTaskList | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    created_by: UUID | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    next_run_after: datetime.datetime | Unset = UNSET,
    next_run_before: datetime.datetime | Unset = UNSET,
    ordering: TasksListOrdering | Unset = "-id",
    priority: int | Unset = UNSET,
    schedule_kind: list[TasksListScheduleKindItem] | Unset = UNSET,
    status: list[TasksListStatusItem] | Unset = UNSET,
    title: str | Unset = UNSET,
) -> Response[PaginatedTaskList | Problem]:
    """Your tasks, the newest first

    Args:
        created_by (UUID | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        next_run_after (datetime.datetime | Unset):
        next_run_before (datetime.datetime | Unset):
        ordering (TasksListOrdering | Unset):  Default: '-id'.
        priority (int | Unset):
        schedule_kind (list[TasksListScheduleKindItem] | Unset):
        status (list[TasksListStatusItem] | Unset):
        title (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedTaskList | Problem]
    """

    kwargs = _get_kwargs(
        created_by=created_by,
        cursor=cursor,
        limit=limit,
        next_run_after=next_run_after,
        next_run_before=next_run_before,
        ordering=ordering,
        priority=priority,
        schedule_kind=schedule_kind,
        status=status,
        title=title,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    created_by: UUID | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    next_run_after: datetime.datetime | Unset = UNSET,
    next_run_before: datetime.datetime | Unset = UNSET,
    ordering: TasksListOrdering | Unset = "-id",
    priority: int | Unset = UNSET,
    schedule_kind: list[TasksListScheduleKindItem] | Unset = UNSET,
    status: list[TasksListStatusItem] | Unset = UNSET,
    title: str | Unset = UNSET,
) -> PaginatedTaskList | Problem | None:
    """Your tasks, the newest first

    Args:
        created_by (UUID | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        next_run_after (datetime.datetime | Unset):
        next_run_before (datetime.datetime | Unset):
        ordering (TasksListOrdering | Unset):  Default: '-id'.
        priority (int | Unset):
        schedule_kind (list[TasksListScheduleKindItem] | Unset):
        status (list[TasksListStatusItem] | Unset):
        title (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedTaskList | Problem
    """

    return sync_detailed(
        client=client,
        created_by=created_by,
        cursor=cursor,
        limit=limit,
        next_run_after=next_run_after,
        next_run_before=next_run_before,
        ordering=ordering,
        priority=priority,
        schedule_kind=schedule_kind,
        status=status,
        title=title,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    created_by: UUID | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    next_run_after: datetime.datetime | Unset = UNSET,
    next_run_before: datetime.datetime | Unset = UNSET,
    ordering: TasksListOrdering | Unset = "-id",
    priority: int | Unset = UNSET,
    schedule_kind: list[TasksListScheduleKindItem] | Unset = UNSET,
    status: list[TasksListStatusItem] | Unset = UNSET,
    title: str | Unset = UNSET,
) -> Response[PaginatedTaskList | Problem]:
    """Your tasks, the newest first

    Args:
        created_by (UUID | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        next_run_after (datetime.datetime | Unset):
        next_run_before (datetime.datetime | Unset):
        ordering (TasksListOrdering | Unset):  Default: '-id'.
        priority (int | Unset):
        schedule_kind (list[TasksListScheduleKindItem] | Unset):
        status (list[TasksListStatusItem] | Unset):
        title (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedTaskList | Problem]
    """

    kwargs = _get_kwargs(
        created_by=created_by,
        cursor=cursor,
        limit=limit,
        next_run_after=next_run_after,
        next_run_before=next_run_before,
        ordering=ordering,
        priority=priority,
        schedule_kind=schedule_kind,
        status=status,
        title=title,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    created_by: UUID | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    next_run_after: datetime.datetime | Unset = UNSET,
    next_run_before: datetime.datetime | Unset = UNSET,
    ordering: TasksListOrdering | Unset = "-id",
    priority: int | Unset = UNSET,
    schedule_kind: list[TasksListScheduleKindItem] | Unset = UNSET,
    status: list[TasksListStatusItem] | Unset = UNSET,
    title: str | Unset = UNSET,
) -> PaginatedTaskList | Problem | None:
    """Your tasks, the newest first

    Args:
        created_by (UUID | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        next_run_after (datetime.datetime | Unset):
        next_run_before (datetime.datetime | Unset):
        ordering (TasksListOrdering | Unset):  Default: '-id'.
        priority (int | Unset):
        schedule_kind (list[TasksListScheduleKindItem] | Unset):
        status (list[TasksListStatusItem] | Unset):
        title (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedTaskList | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            created_by=created_by,
            cursor=cursor,
            limit=limit,
            next_run_after=next_run_after,
            next_run_before=next_run_before,
            ordering=ordering,
            priority=priority,
            schedule_kind=schedule_kind,
            status=status,
            title=title,
        )
    ).parsed
