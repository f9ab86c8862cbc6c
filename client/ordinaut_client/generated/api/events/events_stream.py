from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    aggregate: str | Unset = UNSET,
    last_event_id_query: str | Unset = UNSET,
    type_: list[str] | Unset = UNSET,
    last_event_id_header: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(last_event_id_header, Unset):
        headers["Last-Event-ID"] = last_event_id_header

    params: dict[str, Any] = {}

    params["aggregate"] = aggregate

    params["last_event_id"] = last_event_id_query

    json_type_: list[str] | Unset = UNSET
    if not isinstance(type_, Unset):
        json_type_ = type_

    params["type"] = json_type_

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/events/stream",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | str:
    if response.status_code == 200:
        response_200 = response.text
        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Problem | str]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    aggregate: str | Unset = UNSET,
    last_event_id_query: str | Unset = UNSET,
    type_: list[str] | Unset = UNSET,
    last_event_id_header: str | Unset = UNSET,
) -> Response[Problem | str]:
    """Events as they happen, as Server-Sent Events

     Events as they happen, as Server-Sent Events. `id` is the event's `pos`, `event` its type, `data`
    the event as `/events` shows it. `reset`: events were missed for good. `end`: the stream ends, and
    why.

    Args:
        aggregate (str | Unset):
        last_event_id_query (str | Unset):
        type_ (list[str] | Unset):
        last_event_id_header (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | str]
    """

    kwargs = _get_kwargs(
        aggregate=aggregate,
        last_event_id_query=last_event_id_query,
        type_=type_,
        last_event_id_header=last_event_id_header,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    aggregate: str | Unset = UNSET,
    last_event_id_query: str | Unset = UNSET,
    type_: list[str] | Unset = UNSET,
    last_event_id_header: str | Unset = UNSET,
) -> Problem | str | None:
    """Events as they happen, as Server-Sent Events

     Events as they happen, as Server-Sent Events. `id` is the event's `pos`, `event` its type, `data`
    the event as `/events` shows it. `reset`: events were missed for good. `end`: the stream ends, and
    why.

    Args:
        aggregate (str | Unset):
        last_event_id_query (str | Unset):
        type_ (list[str] | Unset):
        last_event_id_header (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | str
    """

    return sync_detailed(
        client=client,
        aggregate=aggregate,
        last_event_id_query=last_event_id_query,
        type_=type_,
        last_event_id_header=last_event_id_header,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    aggregate: str | Unset = UNSET,
    last_event_id_query: str | Unset = UNSET,
    type_: list[str] | Unset = UNSET,
    last_event_id_header: str | Unset = UNSET,
) -> Response[Problem | str]:
    """Events as they happen, as Server-Sent Events

     Events as they happen, as Server-Sent Events. `id` is the event's `pos`, `event` its type, `data`
    the event as `/events` shows it. `reset`: events were missed for good. `end`: the stream ends, and
    why.

    Args:
        aggregate (str | Unset):
        last_event_id_query (str | Unset):
        type_ (list[str] | Unset):
        last_event_id_header (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | str]
    """

    kwargs = _get_kwargs(
        aggregate=aggregate,
        last_event_id_query=last_event_id_query,
        type_=type_,
        last_event_id_header=last_event_id_header,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    aggregate: str | Unset = UNSET,
    last_event_id_query: str | Unset = UNSET,
    type_: list[str] | Unset = UNSET,
    last_event_id_header: str | Unset = UNSET,
) -> Problem | str | None:
    """Events as they happen, as Server-Sent Events

     Events as they happen, as Server-Sent Events. `id` is the event's `pos`, `event` its type, `data`
    the event as `/events` shows it. `reset`: events were missed for good. `end`: the stream ends, and
    why.

    Args:
        aggregate (str | Unset):
        last_event_id_query (str | Unset):
        type_ (list[str] | Unset):
        last_event_id_header (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | str
    """

    return (
        await asyncio_detailed(
            client=client,
            aggregate=aggregate,
            last_event_id_query=last_event_id_query,
            type_=type_,
            last_event_id_header=last_event_id_header,
        )
    ).parsed
