from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.hooks_list_ordering import HooksListOrdering
from ...models.hooks_list_preset_item import HooksListPresetItem
from ...models.paginated_hook_list import PaginatedHookList
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    active: bool | Unset = UNSET,
    agent: UUID | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    name: str | Unset = UNSET,
    ordering: HooksListOrdering | Unset = "-id",
    preset: list[HooksListPresetItem] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["active"] = active

    json_agent: str | Unset = UNSET
    if not isinstance(agent, Unset):
        json_agent = str(agent)
    params["agent"] = json_agent

    params["cursor"] = cursor

    params["limit"] = limit

    params["name"] = name

    json_ordering: str | Unset = UNSET
    if not isinstance(ordering, Unset):
        json_ordering = ordering

    params["ordering"] = json_ordering

    json_preset: list[str] | Unset = UNSET
    if not isinstance(preset, Unset):
        json_preset = []
        for preset_item_data in preset:
            preset_item: str = preset_item_data
            json_preset.append(preset_item)

    params["preset"] = json_preset

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/hooks",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> PaginatedHookList | Problem:
    if response.status_code == 200:
        response_200 = PaginatedHookList.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[PaginatedHookList | Problem]:
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
    agent: UUID | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    name: str | Unset = UNSET,
    ordering: HooksListOrdering | Unset = "-id",
    preset: list[HooksListPresetItem] | Unset = UNSET,
) -> Response[PaginatedHookList | Problem]:
    """Your hooks, the newest first

    Args:
        active (bool | Unset):
        agent (UUID | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        name (str | Unset):
        ordering (HooksListOrdering | Unset):  Default: '-id'.
        preset (list[HooksListPresetItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedHookList | Problem]
    """

    kwargs = _get_kwargs(
        active=active,
        agent=agent,
        cursor=cursor,
        limit=limit,
        name=name,
        ordering=ordering,
        preset=preset,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    active: bool | Unset = UNSET,
    agent: UUID | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    name: str | Unset = UNSET,
    ordering: HooksListOrdering | Unset = "-id",
    preset: list[HooksListPresetItem] | Unset = UNSET,
) -> PaginatedHookList | Problem | None:
    """Your hooks, the newest first

    Args:
        active (bool | Unset):
        agent (UUID | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        name (str | Unset):
        ordering (HooksListOrdering | Unset):  Default: '-id'.
        preset (list[HooksListPresetItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedHookList | Problem
    """

    return sync_detailed(
        client=client,
        active=active,
        agent=agent,
        cursor=cursor,
        limit=limit,
        name=name,
        ordering=ordering,
        preset=preset,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    active: bool | Unset = UNSET,
    agent: UUID | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    name: str | Unset = UNSET,
    ordering: HooksListOrdering | Unset = "-id",
    preset: list[HooksListPresetItem] | Unset = UNSET,
) -> Response[PaginatedHookList | Problem]:
    """Your hooks, the newest first

    Args:
        active (bool | Unset):
        agent (UUID | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        name (str | Unset):
        ordering (HooksListOrdering | Unset):  Default: '-id'.
        preset (list[HooksListPresetItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedHookList | Problem]
    """

    kwargs = _get_kwargs(
        active=active,
        agent=agent,
        cursor=cursor,
        limit=limit,
        name=name,
        ordering=ordering,
        preset=preset,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    active: bool | Unset = UNSET,
    agent: UUID | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    name: str | Unset = UNSET,
    ordering: HooksListOrdering | Unset = "-id",
    preset: list[HooksListPresetItem] | Unset = UNSET,
) -> PaginatedHookList | Problem | None:
    """Your hooks, the newest first

    Args:
        active (bool | Unset):
        agent (UUID | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        name (str | Unset):
        ordering (HooksListOrdering | Unset):  Default: '-id'.
        preset (list[HooksListPresetItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedHookList | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            active=active,
            agent=agent,
            cursor=cursor,
            limit=limit,
            name=name,
            ordering=ordering,
            preset=preset,
        )
    ).parsed
