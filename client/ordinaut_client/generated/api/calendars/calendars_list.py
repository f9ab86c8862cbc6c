from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.calendars_list_ordering import CalendarsListOrdering
from ...models.paginated_calendar_summary_list import PaginatedCalendarSummaryList
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    created_by: UUID | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    name: str | Unset = UNSET,
    ordering: CalendarsListOrdering | Unset = "-id",
    shared: bool | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_created_by: str | Unset = UNSET
    if not isinstance(created_by, Unset):
        json_created_by = str(created_by)
    params["created_by"] = json_created_by

    params["cursor"] = cursor

    params["limit"] = limit

    params["name"] = name

    json_ordering: str | Unset = UNSET
    if not isinstance(ordering, Unset):
        json_ordering = ordering

    params["ordering"] = json_ordering

    params["shared"] = shared

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/calendars",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PaginatedCalendarSummaryList | Problem:
    if response.status_code == 200:
        response_200 = PaginatedCalendarSummaryList.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[PaginatedCalendarSummaryList | Problem]:
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
    name: str | Unset = UNSET,
    ordering: CalendarsListOrdering | Unset = "-id",
    shared: bool | Unset = UNSET,
) -> Response[PaginatedCalendarSummaryList | Problem]:
    """The calendars that you may use, without their dates

    Args:
        created_by (UUID | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        name (str | Unset):
        ordering (CalendarsListOrdering | Unset):  Default: '-id'.
        shared (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedCalendarSummaryList | Problem]
    """

    kwargs = _get_kwargs(
        created_by=created_by,
        cursor=cursor,
        limit=limit,
        name=name,
        ordering=ordering,
        shared=shared,
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
    name: str | Unset = UNSET,
    ordering: CalendarsListOrdering | Unset = "-id",
    shared: bool | Unset = UNSET,
) -> PaginatedCalendarSummaryList | Problem | None:
    """The calendars that you may use, without their dates

    Args:
        created_by (UUID | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        name (str | Unset):
        ordering (CalendarsListOrdering | Unset):  Default: '-id'.
        shared (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedCalendarSummaryList | Problem
    """

    return sync_detailed(
        client=client,
        created_by=created_by,
        cursor=cursor,
        limit=limit,
        name=name,
        ordering=ordering,
        shared=shared,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    created_by: UUID | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    name: str | Unset = UNSET,
    ordering: CalendarsListOrdering | Unset = "-id",
    shared: bool | Unset = UNSET,
) -> Response[PaginatedCalendarSummaryList | Problem]:
    """The calendars that you may use, without their dates

    Args:
        created_by (UUID | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        name (str | Unset):
        ordering (CalendarsListOrdering | Unset):  Default: '-id'.
        shared (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedCalendarSummaryList | Problem]
    """

    kwargs = _get_kwargs(
        created_by=created_by,
        cursor=cursor,
        limit=limit,
        name=name,
        ordering=ordering,
        shared=shared,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    created_by: UUID | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    name: str | Unset = UNSET,
    ordering: CalendarsListOrdering | Unset = "-id",
    shared: bool | Unset = UNSET,
) -> PaginatedCalendarSummaryList | Problem | None:
    """The calendars that you may use, without their dates

    Args:
        created_by (UUID | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        name (str | Unset):
        ordering (CalendarsListOrdering | Unset):  Default: '-id'.
        shared (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedCalendarSummaryList | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            created_by=created_by,
            cursor=cursor,
            limit=limit,
            name=name,
            ordering=ordering,
            shared=shared,
        )
    ).parsed
