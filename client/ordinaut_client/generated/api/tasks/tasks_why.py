import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.why import Why
from ...types import UNSET, Response


def _get_kwargs(
    task: UUID,
    *,
    at: datetime.datetime,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_at = at.isoformat()
    params["at"] = json_at

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/tasks/{task}/why".format(
            task=quote(str(task), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | Why:
    if response.status_code == 200:
        response_200 = Why.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Problem | Why]:
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
    at: datetime.datetime,
) -> Response[Problem | Why]:
    """What became of one instant of a task, and why

    Args:
        task (UUID):
        at (datetime.datetime):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Why]
    """

    kwargs = _get_kwargs(
        task=task,
        at=at,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    task: UUID,
    *,
    client: AuthenticatedClient,
    at: datetime.datetime,
) -> Problem | Why | None:
    """What became of one instant of a task, and why

    Args:
        task (UUID):
        at (datetime.datetime):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Why
    """

    return sync_detailed(
        task=task,
        client=client,
        at=at,
    ).parsed


async def asyncio_detailed(
    task: UUID,
    *,
    client: AuthenticatedClient,
    at: datetime.datetime,
) -> Response[Problem | Why]:
    """What became of one instant of a task, and why

    Args:
        task (UUID):
        at (datetime.datetime):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Why]
    """

    kwargs = _get_kwargs(
        task=task,
        at=at,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    task: UUID,
    *,
    client: AuthenticatedClient,
    at: datetime.datetime,
) -> Problem | Why | None:
    """What became of one instant of a task, and why

    Args:
        task (UUID):
        at (datetime.datetime):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Why
    """

    return (
        await asyncio_detailed(
            task=task,
            client=client,
            at=at,
        )
    ).parsed
