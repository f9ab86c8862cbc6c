from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.document_request import DocumentRequest
from ...models.plan import Plan
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: DocumentRequest | DocumentRequest | Unset = UNSET,
    created_by: UUID | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    json_created_by: str | Unset = UNSET
    if not isinstance(created_by, Unset):
        json_created_by = str(created_by)
    params["created_by"] = json_created_by

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/tasks/import",
        "params": params,
    }

    if isinstance(body, DocumentRequest):
        _kwargs["json"] = body.to_dict()

        headers["Content-Type"] = "application/json"
    if isinstance(body, DocumentRequest):
        _kwargs["content"] = body.payload
        headers["Content-Type"] = "application/yaml"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Plan | Problem:
    if response.status_code == 201:
        response_201 = Plan.from_dict(response.json())

        return response_201

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Plan | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: DocumentRequest | DocumentRequest | Unset = UNSET,
    created_by: UUID | Unset = UNSET,
) -> Response[Plan | Problem]:
    """Make every task of the document, or none

     Make every task of the document, or none. A title that the owner has already is refused.

    Args:
        created_by (UUID | Unset):
        body (DocumentRequest):
        body (DocumentRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Plan | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        created_by=created_by,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: DocumentRequest | DocumentRequest | Unset = UNSET,
    created_by: UUID | Unset = UNSET,
) -> Plan | Problem | None:
    """Make every task of the document, or none

     Make every task of the document, or none. A title that the owner has already is refused.

    Args:
        created_by (UUID | Unset):
        body (DocumentRequest):
        body (DocumentRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Plan | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
        created_by=created_by,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: DocumentRequest | DocumentRequest | Unset = UNSET,
    created_by: UUID | Unset = UNSET,
) -> Response[Plan | Problem]:
    """Make every task of the document, or none

     Make every task of the document, or none. A title that the owner has already is refused.

    Args:
        created_by (UUID | Unset):
        body (DocumentRequest):
        body (DocumentRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Plan | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        created_by=created_by,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: DocumentRequest | DocumentRequest | Unset = UNSET,
    created_by: UUID | Unset = UNSET,
) -> Plan | Problem | None:
    """Make every task of the document, or none

     Make every task of the document, or none. A title that the owner has already is refused.

    Args:
        created_by (UUID | Unset):
        body (DocumentRequest):
        body (DocumentRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Plan | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            created_by=created_by,
        )
    ).parsed
