from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.run_detail import RunDetail
from ...types import UNSET, Response, Unset


def _get_kwargs(
    id: UUID,
    *,
    step: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["step"] = step

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/runs/{id}".format(
            id=quote(str(id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | RunDetail:
    if response.status_code == 200:
        response_200 = RunDetail.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Problem | RunDetail]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    id: UUID,
    *,
    client: AuthenticatedClient,
    step: str | Unset = UNSET,
) -> Response[Problem | RunDetail]:
    """One run, with its attempts and steps

     One run, with its attempts and steps. Secrets are masked.

    Args:
        id (UUID):
        step (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RunDetail]
    """

    kwargs = _get_kwargs(
        id=id,
        step=step,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    id: UUID,
    *,
    client: AuthenticatedClient,
    step: str | Unset = UNSET,
) -> Problem | RunDetail | None:
    """One run, with its attempts and steps

     One run, with its attempts and steps. Secrets are masked.

    Args:
        id (UUID):
        step (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RunDetail
    """

    return sync_detailed(
        id=id,
        client=client,
        step=step,
    ).parsed


async def asyncio_detailed(
    id: UUID,
    *,
    client: AuthenticatedClient,
    step: str | Unset = UNSET,
) -> Response[Problem | RunDetail]:
    """One run, with its attempts and steps

     One run, with its attempts and steps. Secrets are masked.

    Args:
        id (UUID):
        step (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RunDetail]
    """

    kwargs = _get_kwargs(
        id=id,
        step=step,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    id: UUID,
    *,
    client: AuthenticatedClient,
    step: str | Unset = UNSET,
) -> Problem | RunDetail | None:
    """One run, with its attempts and steps

     One run, with its attempts and steps. Secrets are masked.

    Args:
        id (UUID):
        step (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RunDetail
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
            step=step,
        )
    ).parsed
