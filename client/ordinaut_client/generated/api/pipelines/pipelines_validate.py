from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.judgement import Judgement
from ...models.pipeline_draft_request import PipelineDraftRequest
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: PipelineDraftRequest | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/pipelines/validate",
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Judgement | Problem:
    if response.status_code == 200:
        response_200 = Judgement.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Judgement | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: PipelineDraftRequest | Unset = UNSET,
) -> Response[Judgement | Problem]:
    """Judge a pipeline: its faults, or the order of its steps

     Judge a pipeline: its faults, or the order of its steps. Nothing is saved.

    Args:
        body (PipelineDraftRequest | Unset): Read by `payload_in`: the payload may also be sent as
            it is.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Judgement | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: PipelineDraftRequest | Unset = UNSET,
) -> Judgement | Problem | None:
    """Judge a pipeline: its faults, or the order of its steps

     Judge a pipeline: its faults, or the order of its steps. Nothing is saved.

    Args:
        body (PipelineDraftRequest | Unset): Read by `payload_in`: the payload may also be sent as
            it is.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Judgement | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: PipelineDraftRequest | Unset = UNSET,
) -> Response[Judgement | Problem]:
    """Judge a pipeline: its faults, or the order of its steps

     Judge a pipeline: its faults, or the order of its steps. Nothing is saved.

    Args:
        body (PipelineDraftRequest | Unset): Read by `payload_in`: the payload may also be sent as
            it is.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Judgement | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: PipelineDraftRequest | Unset = UNSET,
) -> Judgement | Problem | None:
    """Judge a pipeline: its faults, or the order of its steps

     Judge a pipeline: its faults, or the order of its steps. Nothing is saved.

    Args:
        body (PipelineDraftRequest | Unset): Read by `payload_in`: the payload may also be sent as
            it is.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Judgement | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
