import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.preview import Preview
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    task: UUID,
    *,
    after: datetime.datetime | Unset = UNSET,
    count: int | Unset = 10,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_after: str | Unset = UNSET
    if not isinstance(after, Unset):
        json_after = after.isoformat()
    params["after"] = json_after

    params["count"] = count

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/tasks/{task}/occurrences".format(
            task=quote(str(task), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Preview | Problem:
    if response.status_code == 200:
        response_200 = Preview.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Preview | Problem]:
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
    count: int | Unset = 10,
) -> Response[Preview | Problem]:
    """The next instants of a task, each in local time and UTC, with what was done to it

    Args:
        task (UUID):
        after (datetime.datetime | Unset):
        count (int | Unset):  Default: 10.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Preview | Problem]
    """

    kwargs = _get_kwargs(
        task=task,
        after=after,
        count=count,
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
    count: int | Unset = 10,
) -> Preview | Problem | None:
    """The next instants of a task, each in local time and UTC, with what was done to it

    Args:
        task (UUID):
        after (datetime.datetime | Unset):
        count (int | Unset):  Default: 10.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Preview | Problem
    """

    return sync_detailed(
        task=task,
        client=client,
        after=after,
        count=count,
    ).parsed


async def asyncio_detailed(
    task: UUID,
    *,
    client: AuthenticatedClient,
    after: datetime.datetime | Unset = UNSET,
    count: int | Unset = 10,
) -> Response[Preview | Problem]:
    """The next instants of a task, each in local time and UTC, with what was done to it

    Args:
        task (UUID):
        after (datetime.datetime | Unset):
        count (int | Unset):  Default: 10.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Preview | Problem]
    """

    kwargs = _get_kwargs(
        task=task,
        after=after,
        count=count,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    task: UUID,
    *,
    client: AuthenticatedClient,
    after: datetime.datetime | Unset = UNSET,
    count: int | Unset = 10,
) -> Preview | Problem | None:
    """The next instants of a task, each in local time and UTC, with what was done to it

    Args:
        task (UUID):
        after (datetime.datetime | Unset):
        count (int | Unset):  Default: 10.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Preview | Problem
    """

    return (
        await asyncio_detailed(
            task=task,
            client=client,
            after=after,
            count=count,
        )
    ).parsed
