from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.calendars_list_ordering import CalendarsListOrdering
from ...models.paginated_calendar_summary_list import PaginatedCalendarSummaryList
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: CalendarsListOrdering | Unset = "-id",
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["cursor"] = cursor

    params["limit"] = limit

    json_ordering: str | Unset = UNSET
    if not isinstance(ordering, Unset):
        json_ordering = ordering

    params["ordering"] = json_ordering

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
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: CalendarsListOrdering | Unset = "-id",
) -> Response[PaginatedCalendarSummaryList | Problem]:
    """The calendars that you may use, without their dates

    Args:
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        ordering (CalendarsListOrdering | Unset):  Default: '-id'.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedCalendarSummaryList | Problem]
    """

    kwargs = _get_kwargs(
        cursor=cursor,
        limit=limit,
        ordering=ordering,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: CalendarsListOrdering | Unset = "-id",
) -> PaginatedCalendarSummaryList | Problem | None:
    """The calendars that you may use, without their dates

    Args:
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        ordering (CalendarsListOrdering | Unset):  Default: '-id'.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedCalendarSummaryList | Problem
    """

    return sync_detailed(
        client=client,
        cursor=cursor,
        limit=limit,
        ordering=ordering,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: CalendarsListOrdering | Unset = "-id",
) -> Response[PaginatedCalendarSummaryList | Problem]:
    """The calendars that you may use, without their dates

    Args:
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        ordering (CalendarsListOrdering | Unset):  Default: '-id'.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedCalendarSummaryList | Problem]
    """

    kwargs = _get_kwargs(
        cursor=cursor,
        limit=limit,
        ordering=ordering,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: CalendarsListOrdering | Unset = "-id",
) -> PaginatedCalendarSummaryList | Problem | None:
    """The calendars that you may use, without their dates

    Args:
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        ordering (CalendarsListOrdering | Unset):  Default: '-id'.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedCalendarSummaryList | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            cursor=cursor,
            limit=limit,
            ordering=ordering,
        )
    ).parsed
