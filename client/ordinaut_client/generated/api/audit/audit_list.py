import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.paginated_audit_entry_list import PaginatedAuditEntryList
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    action: str | Unset = UNSET,
    actor: str | Unset = UNSET,
    after: datetime.datetime | Unset = UNSET,
    before: datetime.datetime | Unset = UNSET,
    below: int | Unset = UNSET,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
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

    params["cursor"] = cursor

    params["limit"] = limit

    json_object_id: str | Unset = UNSET
    if not isinstance(object_id, Unset):
        json_object_id = str(object_id)
    params["object_id"] = json_object_id

    params["object_kind"] = object_kind

    params["request_id"] = request_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/audit",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PaginatedAuditEntryList | Problem:
    if response.status_code == 200:
        response_200 = PaginatedAuditEntryList.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[PaginatedAuditEntryList | Problem]:
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
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    object_id: UUID | Unset = UNSET,
    object_kind: str | Unset = UNSET,
    request_id: str | Unset = UNSET,
) -> Response[PaginatedAuditEntryList | Problem]:
    """The entries, the newest first

    Args:
        action (str | Unset):
        actor (str | Unset):
        after (datetime.datetime | Unset):
        before (datetime.datetime | Unset):
        below (int | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        object_id (UUID | Unset):
        object_kind (str | Unset):
        request_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedAuditEntryList | Problem]
    """

    kwargs = _get_kwargs(
        action=action,
        actor=actor,
        after=after,
        before=before,
        below=below,
        cursor=cursor,
        limit=limit,
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
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    object_id: UUID | Unset = UNSET,
    object_kind: str | Unset = UNSET,
    request_id: str | Unset = UNSET,
) -> PaginatedAuditEntryList | Problem | None:
    """The entries, the newest first

    Args:
        action (str | Unset):
        actor (str | Unset):
        after (datetime.datetime | Unset):
        before (datetime.datetime | Unset):
        below (int | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        object_id (UUID | Unset):
        object_kind (str | Unset):
        request_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedAuditEntryList | Problem
    """

    return sync_detailed(
        client=client,
        action=action,
        actor=actor,
        after=after,
        before=before,
        below=below,
        cursor=cursor,
        limit=limit,
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
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    object_id: UUID | Unset = UNSET,
    object_kind: str | Unset = UNSET,
    request_id: str | Unset = UNSET,
) -> Response[PaginatedAuditEntryList | Problem]:
    """The entries, the newest first

    Args:
        action (str | Unset):
        actor (str | Unset):
        after (datetime.datetime | Unset):
        before (datetime.datetime | Unset):
        below (int | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        object_id (UUID | Unset):
        object_kind (str | Unset):
        request_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedAuditEntryList | Problem]
    """

    kwargs = _get_kwargs(
        action=action,
        actor=actor,
        after=after,
        before=before,
        below=below,
        cursor=cursor,
        limit=limit,
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
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    object_id: UUID | Unset = UNSET,
    object_kind: str | Unset = UNSET,
    request_id: str | Unset = UNSET,
) -> PaginatedAuditEntryList | Problem | None:
    """The entries, the newest first

    Args:
        action (str | Unset):
        actor (str | Unset):
        after (datetime.datetime | Unset):
        before (datetime.datetime | Unset):
        below (int | Unset):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        object_id (UUID | Unset):
        object_kind (str | Unset):
        request_id (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedAuditEntryList | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            action=action,
            actor=actor,
            after=after,
            before=before,
            below=below,
            cursor=cursor,
            limit=limit,
            object_id=object_id,
            object_kind=object_kind,
            request_id=request_id,
        )
    ).parsed
