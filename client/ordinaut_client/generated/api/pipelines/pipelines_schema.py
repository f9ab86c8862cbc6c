from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.pipelines_schema_response_200 import PipelinesSchemaResponse200
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    tools: bool | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["tools"] = tools

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/pipelines/schema",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PipelinesSchemaResponse200 | Problem:
    if response.status_code == 200:
        response_200 = PipelinesSchemaResponse200.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[PipelinesSchemaResponse200 | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    tools: bool | Unset = UNSET,
) -> Response[PipelinesSchemaResponse200 | Problem]:
    """The JSON Schema of a task's payload, for editors

    Args:
        tools (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PipelinesSchemaResponse200 | Problem]
    """

    kwargs = _get_kwargs(
        tools=tools,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    tools: bool | Unset = UNSET,
) -> PipelinesSchemaResponse200 | Problem | None:
    """The JSON Schema of a task's payload, for editors

    Args:
        tools (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PipelinesSchemaResponse200 | Problem
    """

    return sync_detailed(
        client=client,
        tools=tools,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    tools: bool | Unset = UNSET,
) -> Response[PipelinesSchemaResponse200 | Problem]:
    """The JSON Schema of a task's payload, for editors

    Args:
        tools (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PipelinesSchemaResponse200 | Problem]
    """

    kwargs = _get_kwargs(
        tools=tools,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    tools: bool | Unset = UNSET,
) -> PipelinesSchemaResponse200 | Problem | None:
    """The JSON Schema of a task's payload, for editors

    Args:
        tools (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PipelinesSchemaResponse200 | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            tools=tools,
        )
    ).parsed
