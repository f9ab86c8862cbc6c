import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.audit_entry import AuditEntry
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    action: str | Unset = UNSET,
    actor: str | Unset = UNSET,
    after: datetime.datetime | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    below: int | Unset = UNSET,
    object_id: UUID | Unset = UNSET,
    object_kind: str | Unset = UNSET,
    request_id: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["action"] = action

    params["actor"] = actor

    json_after: str | Unset = UNSET
    if not isinstance(after, Unset):
        json_after = after.isoformat()
    params["after"] = json_after

    json_before: str | Unset = UNSET
    if not isinstance(before, Unset):
        json_before = before.isoformat()
    params["before"] = json_before

    params["below"] = below

    json_object_id: str | Unset = UNSET
    if not isinstance(object_id, Unset):
        json_object_id = str(object_id)
    params["object_id"] = json_object_id

    params["object_kind"] = object_kind

    params["request_id"] = request_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/audit/export",
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | list[AuditEntry]:
    if response.status_code == 200:
        response_200 = []
        _response_200 = response.json()
        for response_200_item_data in _response_200:
            response_200_item = AuditEntry.from_dict(response_200_item_data)

            response_200.append(response_200_item)

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Problem | list[AuditEntry]]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    action: str | Unset = UNSET,
    actor: str | Unset = UNSET,
    after: datetime.datetime | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    below: int | Unset = UNSET,
    object_id: UUID | Unset = UNSET,
    object_kind: str | Unset = UNSET,
    request_id: str | Unset = UNSET,
) -> Response[Problem | list[AuditEntry]]:
    """The newest 10,000 entries, as CSV or JSON; a `Link` header leads to the next ones (RFC 8288)

    Args:
        action (str | Unset):
        actor (str | Unset):
        after (datetime.datetime | Unset):
        before (datetime.datetime | Unset):
        below (int | Unset):
        object_id (UUID | Unset):
        object_kind (str | Unset):
        request_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | list[AuditEntry]]
    """

    kwargs = _get_kwargs(
        action=action,
        actor=actor,
        after=after,
        before=before,
        below=below,
        object_id=object_id,
        object_kind=object_kind,
        request_id=request_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    action: str | Unset = UNSET,
    actor: str | Unset = UNSET,
    after: datetime.datetime | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    below: int | Unset = UNSET,
    object_id: UUID | Unset = UNSET,
    object_kind: str | Unset = UNSET,
    request_id: str | Unset = UNSET,
) -> Problem | list[AuditEntry] | None:
    """The newest 10,000 entries, as CSV or JSON; a `Link` header leads to the next ones (RFC 8288)

    Args:
        action (str | Unset):
        actor (str | Unset):
        after (datetime.datetime | Unset):
        before (datetime.datetime | Unset):
        below (int | Unset):
        object_id (UUID | Unset):
        object_kind (str | Unset):
        request_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | list[AuditEntry]
    """

    return sync_detailed(
        client=client,
        action=action,
        actor=actor,
        after=after,
        before=before,
        below=below,
        object_id=object_id,
        object_kind=object_kind,
        request_id=request_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    action: str | Unset = UNSET,
    actor: str | Unset = UNSET,
    after: datetime.datetime | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    below: int | Unset = UNSET,
    object_id: UUID | Unset = UNSET,
    object_kind: str | Unset = UNSET,
    request_id: str | Unset = UNSET,
) -> Response[Problem | list[AuditEntry]]:
    """The newest 10,000 entries, as CSV or JSON; a `Link` header leads to the next ones (RFC 8288)

    Args:
        action (str | Unset):
        actor (str | Unset):
        after (datetime.datetime | Unset):
        before (datetime.datetime | Unset):
        below (int | Unset):
        object_id (UUID | Unset):
        object_kind (str | Unset):
        request_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | list[AuditEntry]]
    """

    kwargs = _get_kwargs(
        action=action,
        actor=actor,
        after=after,
        before=before,
        below=below,
        object_id=object_id,
        object_kind=object_kind,
        request_id=request_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    action: str | Unset = UNSET,
    actor: str | Unset = UNSET,
    after: datetime.datetime | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    below: int | Unset = UNSET,
    object_id: UUID | Unset = UNSET,
    object_kind: str | Unset = UNSET,
    request_id: str | Unset = UNSET,
) -> Problem | list[AuditEntry] | None:
    """The newest 10,000 entries, as CSV or JSON; a `Link` header leads to the next ones (RFC 8288)

    Args:
        action (str | Unset):
        actor (str | Unset):
        after (datetime.datetime | Unset):
        before (datetime.datetime | Unset):
        below (int | Unset):
        object_id (UUID | Unset):
        object_kind (str | Unset):
        request_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | list[AuditEntry]
    """

    return (
        await asyncio_detailed(
            client=client,
            action=action,
            actor=actor,
            after=after,
            before=before,
            below=below,
            object_id=object_id,
            object_kind=object_kind,
            request_id=request_id,
        )
    ).parsed
