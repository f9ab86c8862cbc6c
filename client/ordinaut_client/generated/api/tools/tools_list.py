from http import HTTPStatus
from typing import Any

import httpx

from ...client import AuthenticatedClient, Client
from ...models.paginated_tool_summary_list import PaginatedToolSummaryList
from ...models.problem import Problem
from ...models.tools_list_approval_item import ToolsListApprovalItem
from ...models.tools_list_transport_item import ToolsListTransportItem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    approval: list[ToolsListApprovalItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    enabled: bool | Unset = UNSET,
    limit: int | Unset = 50,
    search: str | Unset = UNSET,
    transport: list[ToolsListTransportItem] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_approval: list[str] | Unset = UNSET
    if not isinstance(approval, Unset):
        json_approval = []
        for approval_item_data in approval:
            approval_item: str = approval_item_data
            json_approval.append(approval_item)

    params["approval"] = json_approval

    params["cursor"] = cursor

    params["enabled"] = enabled

    params["limit"] = limit

    params["search"] = search

    json_transport: list[str] | Unset = UNSET
    if not isinstance(transport, Unset):
        json_transport = []
        for transport_item_data in transport:
            transport_item: str = transport_item_data
            json_transport.append(transport_item)

    params["transport"] = json_transport

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/tools",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PaginatedToolSummaryList | Problem:
    if response.status_code == 200:
        response_200 = PaginatedToolSummaryList.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[PaginatedToolSummaryList | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    approval: list[ToolsListApprovalItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    enabled: bool | Unset = UNSET,
    limit: int | Unset = 50,
    search: str | Unset = UNSET,
    transport: list[ToolsListTransportItem] | Unset = UNSET,
) -> Response[PaginatedToolSummaryList | Problem]:
    """The catalogue, in the order of addresses, without schemas

    Args:
        approval (list[ToolsListApprovalItem] | Unset):
        cursor (str | Unset):
        enabled (bool | Unset):
        limit (int | Unset):  Default: 50.
        search (str | Unset):
        transport (list[ToolsListTransportItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedToolSummaryList | Problem]
    """

    kwargs = _get_kwargs(
        approval=approval,
        cursor=cursor,
        enabled=enabled,
        limit=limit,
        search=search,
        transport=transport,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    approval: list[ToolsListApprovalItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    enabled: bool | Unset = UNSET,
    limit: int | Unset = 50,
    search: str | Unset = UNSET,
    transport: list[ToolsListTransportItem] | Unset = UNSET,
) -> PaginatedToolSummaryList | Problem | None:
    """The catalogue, in the order of addresses, without schemas

    Args:
        approval (list[ToolsListApprovalItem] | Unset):
        cursor (str | Unset):
        enabled (bool | Unset):
        limit (int | Unset):  Default: 50.
        search (str | Unset):
        transport (list[ToolsListTransportItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedToolSummaryList | Problem
    """

    return sync_detailed(
        client=client,
        approval=approval,
        cursor=cursor,
        enabled=enabled,
        limit=limit,
        search=search,
        transport=transport,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    approval: list[ToolsListApprovalItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    enabled: bool | Unset = UNSET,
    limit: int | Unset = 50,
    search: str | Unset = UNSET,
    transport: list[ToolsListTransportItem] | Unset = UNSET,
) -> Response[PaginatedToolSummaryList | Problem]:
    """The catalogue, in the order of addresses, without schemas

    Args:
        approval (list[ToolsListApprovalItem] | Unset):
        cursor (str | Unset):
        enabled (bool | Unset):
        limit (int | Unset):  Default: 50.
        search (str | Unset):
        transport (list[ToolsListTransportItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedToolSummaryList | Problem]
    """

    kwargs = _get_kwargs(
        approval=approval,
        cursor=cursor,
        enabled=enabled,
        limit=limit,
        search=search,
        transport=transport,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    approval: list[ToolsListApprovalItem] | Unset = UNSET,
    cursor: str | Unset = UNSET,
    enabled: bool | Unset = UNSET,
    limit: int | Unset = 50,
    search: str | Unset = UNSET,
    transport: list[ToolsListTransportItem] | Unset = UNSET,
) -> PaginatedToolSummaryList | Problem | None:
    """The catalogue, in the order of addresses, without schemas

    Args:
        approval (list[ToolsListApprovalItem] | Unset):
        cursor (str | Unset):
        enabled (bool | Unset):
        limit (int | Unset):  Default: 50.
        search (str | Unset):
        transport (list[ToolsListTransportItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedToolSummaryList | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            approval=approval,
            cursor=cursor,
            enabled=enabled,
            limit=limit,
            search=search,
            transport=transport,
        )
    ).parsed
