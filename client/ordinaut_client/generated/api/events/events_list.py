import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.paginated_event_list import PaginatedEventList
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    after: datetime.datetime | Unset = UNSET,
    aggregate_id: UUID | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    type_: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_after: str | Unset = UNSET
    if not isinstance(after, Unset):
        json_after = after.isoformat()
    params["after"] = json_after

    json_aggregate_id: str | Unset = UNSET
    if not isinstance(aggregate_id, Unset):
        json_aggregate_id = str(aggregate_id)
    params["aggregate_id"] = json_aggregate_id

    json_before: str | Unset = UNSET
    if not isinstance(before, Unset):
        json_before = before.isoformat()
    params["before"] = json_before

    params["cursor"] = cursor

    params["limit"] = limit

    params["type"] = type_

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/events",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> PaginatedEventList | Problem:
    if response.status_code == 200:
        response_200 = PaginatedEventList.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[PaginatedEventList | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    after: datetime.datetime | Unset = UNSET,
    aggregate_id: UUID | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    type_: str | Unset = UNSET,
) -> Response[PaginatedEventList | Problem]:
    """Events, the newest first

    Args:
        after (datetime.datetime | Unset):
        aggregate_id (UUID | Unset):
        before (datetime.datetime | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        type_ (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedEventList | Problem]
    """

    kwargs = _get_kwargs(
        after=after,
        aggregate_id=aggregate_id,
        before=before,
        cursor=cursor,
        limit=limit,
        type_=type_,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    after: datetime.datetime | Unset = UNSET,
    aggregate_id: UUID | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    type_: str | Unset = UNSET,
) -> PaginatedEventList | Problem | None:
    """Events, the newest first

    Args:
        after (datetime.datetime | Unset):
        aggregate_id (UUID | Unset):
        before (datetime.datetime | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        type_ (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedEventList | Problem
    """

    return sync_detailed(
        client=client,
        after=after,
        aggregate_id=aggregate_id,
        before=before,
        cursor=cursor,
        limit=limit,
        type_=type_,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    after: datetime.datetime | Unset = UNSET,
    aggregate_id: UUID | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    type_: str | Unset = UNSET,
) -> Response[PaginatedEventList | Problem]:
    """Events, the newest first

    Args:
        after (datetime.datetime | Unset):
        aggregate_id (UUID | Unset):
        before (datetime.datetime | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        type_ (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedEventList | Problem]
    """

    kwargs = _get_kwargs(
        after=after,
        aggregate_id=aggregate_id,
        before=before,
        cursor=cursor,
        limit=limit,
        type_=type_,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    after: datetime.datetime | Unset = UNSET,
    aggregate_id: UUID | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    type_: str | Unset = UNSET,
) -> PaginatedEventList | Problem | None:
    """Events, the newest first

    Args:
        after (datetime.datetime | Unset):
        aggregate_id (UUID | Unset):
        before (datetime.datetime | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        type_ (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedEventList | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            after=after,
            aggregate_id=aggregate_id,
            before=before,
            cursor=cursor,
            limit=limit,
            type_=type_,
        )
    ).parsed
