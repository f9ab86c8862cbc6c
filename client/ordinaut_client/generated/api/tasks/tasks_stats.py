import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.task_stats import TaskStats
from ...types import UNSET, Response, Unset


def _get_kwargs(
    task: UUID,
    *,
    after: datetime.datetime | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    days: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_after: str | Unset = UNSET
    if not isinstance(after, Unset):
        json_after = after.isoformat()
    params["after"] = json_after

    json_before: str | Unset = UNSET
    if not isinstance(before, Unset):
        json_before = before.isoformat()
    params["before"] = json_before

    params["days"] = days

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/tasks/{task}/stats".format(
            task=quote(str(task), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | TaskStats:
    if response.status_code == 200:
        response_200 = TaskStats.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Problem | TaskStats]:
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
    after: datetime.datetime | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    days: int | Unset = UNSET,
) -> Response[Problem | TaskStats]:
    """How the runs of a task went: how many ended how, and how long they took

    Args:
        task (UUID):
        after (datetime.datetime | Unset):
        before (datetime.datetime | Unset):
        days (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TaskStats]
    """

    kwargs = _get_kwargs(
        task=task,
        after=after,
        before=before,
        days=days,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    task: UUID,
    *,
    client: AuthenticatedClient,
    after: datetime.datetime | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    days: int | Unset = UNSET,
) -> Problem | TaskStats | None:
    """How the runs of a task went: how many ended how, and how long they took

    Args:
        task (UUID):
        after (datetime.datetime | Unset):
        before (datetime.datetime | Unset):
        days (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TaskStats
    """

    return sync_detailed(
        task=task,
        client=client,
        after=after,
        before=before,
        days=days,
    ).parsed


async def asyncio_detailed(
    task: UUID,
    *,
    client: AuthenticatedClient,
    after: datetime.datetime | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    days: int | Unset = UNSET,
) -> Response[Problem | TaskStats]:
    """How the runs of a task went: how many ended how, and how long they took

    Args:
        task (UUID):
        after (datetime.datetime | Unset):
        before (datetime.datetime | Unset):
        days (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | TaskStats]
    """

    kwargs = _get_kwargs(
        task=task,
        after=after,
        before=before,
        days=days,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    task: UUID,
    *,
    client: AuthenticatedClient,
    after: datetime.datetime | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    days: int | Unset = UNSET,
) -> Problem | TaskStats | None:
    """How the runs of a task went: how many ended how, and how long they took

    Args:
        task (UUID):
        after (datetime.datetime | Unset):
        before (datetime.datetime | Unset):
        days (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | TaskStats
    """

    return (
        await asyncio_detailed(
            task=task,
            client=client,
            after=after,
            before=before,
            days=days,
        )
    ).parsed
