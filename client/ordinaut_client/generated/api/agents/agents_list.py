from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.agents_list_ordering import AgentsListOrdering
from ...models.paginated_agent_list import PaginatedAgentList
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    active: bool | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    name: str | Unset = UNSET,
    ordering: AgentsListOrdering | Unset = "-id",
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["active"] = active

    params["cursor"] = cursor

    params["limit"] = limit

    params["name"] = name

    json_ordering: str | Unset = UNSET
    if not isinstance(ordering, Unset):
        json_ordering = ordering

    params["ordering"] = json_ordering

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/agents",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> PaginatedAgentList | Problem:
    if response.status_code == 200:
        response_200 = PaginatedAgentList.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[PaginatedAgentList | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    active: bool | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    name: str | Unset = UNSET,
    ordering: AgentsListOrdering | Unset = "-id",
) -> Response[PaginatedAgentList | Problem]:
    """All agents, the newest first

    Args:
        active (bool | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        name (str | Unset):
        ordering (AgentsListOrdering | Unset):  Default: '-id'.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedAgentList | Problem]
    """

    kwargs = _get_kwargs(
        active=active,
        cursor=cursor,
        limit=limit,
        name=name,
        ordering=ordering,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    active: bool | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    name: str | Unset = UNSET,
    ordering: AgentsListOrdering | Unset = "-id",
) -> PaginatedAgentList | Problem | None:
    """All agents, the newest first

    Args:
        active (bool | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        name (str | Unset):
        ordering (AgentsListOrdering | Unset):  Default: '-id'.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedAgentList | Problem
    """

    return sync_detailed(
        client=client,
        active=active,
        cursor=cursor,
        limit=limit,
        name=name,
        ordering=ordering,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    active: bool | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    name: str | Unset = UNSET,
    ordering: AgentsListOrdering | Unset = "-id",
) -> Response[PaginatedAgentList | Problem]:
    """All agents, the newest first

    Args:
        active (bool | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        name (str | Unset):
        ordering (AgentsListOrdering | Unset):  Default: '-id'.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedAgentList | Problem]
    """

    kwargs = _get_kwargs(
        active=active,
        cursor=cursor,
        limit=limit,
        name=name,
        ordering=ordering,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    active: bool | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    name: str | Unset = UNSET,
    ordering: AgentsListOrdering | Unset = "-id",
) -> PaginatedAgentList | Problem | None:
    """All agents, the newest first

    Args:
        active (bool | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        name (str | Unset):
        ordering (AgentsListOrdering | Unset):  Default: '-id'.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedAgentList | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            active=active,
            cursor=cursor,
            limit=limit,
            name=name,
            ordering=ordering,
        )
    ).parsed
