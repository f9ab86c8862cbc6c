from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ...client import AuthenticatedClient, Client
from ...models.paginated_delivery_list import PaginatedDeliveryList
from ...models.problem import Problem
from ...models.webhooks_deliveries_ordering import WebhooksDeliveriesOrdering
from ...models.webhooks_deliveries_state_item import WebhooksDeliveriesStateItem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    webhook: UUID,
    *,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: WebhooksDeliveriesOrdering | Unset = "-pos",
    state: list[WebhooksDeliveriesStateItem] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["cursor"] = cursor

    params["limit"] = limit

    json_ordering: str | Unset = UNSET
    if not isinstance(ordering, Unset):
        json_ordering = ordering

    params["ordering"] = json_ordering

    json_state: list[str] | Unset = UNSET
    if not isinstance(state, Unset):
        json_state = []
        for state_item_data in state:
            state_item: str = state_item_data
            json_state.append(state_item)

    params["state"] = json_state

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/webhooks/{webhook}/deliveries".format(
            webhook=quote(str(webhook), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PaginatedDeliveryList | Problem:
    if response.status_code == 200:
        response_200 = PaginatedDeliveryList.from_dict(response.json())

        return response_200

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[PaginatedDeliveryList | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    webhook: UUID,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: WebhooksDeliveriesOrdering | Unset = "-pos",
    state: list[WebhooksDeliveriesStateItem] | Unset = UNSET,
) -> Response[PaginatedDeliveryList | Problem]:
    """What was sent, the newest first, and what became of it

    Args:
        webhook (UUID):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        ordering (WebhooksDeliveriesOrdering | Unset):  Default: '-pos'.
        state (list[WebhooksDeliveriesStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedDeliveryList | Problem]
    """

    kwargs = _get_kwargs(
        webhook=webhook,
        cursor=cursor,
        limit=limit,
        ordering=ordering,
        state=state,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    webhook: UUID,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: WebhooksDeliveriesOrdering | Unset = "-pos",
    state: list[WebhooksDeliveriesStateItem] | Unset = UNSET,
) -> PaginatedDeliveryList | Problem | None:
    """What was sent, the newest first, and what became of it

    Args:
        webhook (UUID):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        ordering (WebhooksDeliveriesOrdering | Unset):  Default: '-pos'.
        state (list[WebhooksDeliveriesStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedDeliveryList | Problem
    """

    return sync_detailed(
        webhook=webhook,
        client=client,
        cursor=cursor,
        limit=limit,
        ordering=ordering,
        state=state,
    ).parsed


async def asyncio_detailed(
    webhook: UUID,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: WebhooksDeliveriesOrdering | Unset = "-pos",
    state: list[WebhooksDeliveriesStateItem] | Unset = UNSET,
) -> Response[PaginatedDeliveryList | Problem]:
    """What was sent, the newest first, and what became of it

    Args:
        webhook (UUID):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        ordering (WebhooksDeliveriesOrdering | Unset):  Default: '-pos'.
        state (list[WebhooksDeliveriesStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PaginatedDeliveryList | Problem]
    """

    kwargs = _get_kwargs(
        webhook=webhook,
        cursor=cursor,
        limit=limit,
        ordering=ordering,
        state=state,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    webhook: UUID,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    limit: int | Unset = 50,
    ordering: WebhooksDeliveriesOrdering | Unset = "-pos",
    state: list[WebhooksDeliveriesStateItem] | Unset = UNSET,
) -> PaginatedDeliveryList | Problem | None:
    """What was sent, the newest first, and what became of it

    Args:
        webhook (UUID):
        cursor (str | Unset):
        limit (int | Unset):  Default: 50.
        ordering (WebhooksDeliveriesOrdering | Unset):  Default: '-pos'.
        state (list[WebhooksDeliveriesStateItem] | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PaginatedDeliveryList | Problem
    """

    return (
        await asyncio_detailed(
            webhook=webhook,
            client=client,
            cursor=cursor,
            limit=limit,
            ordering=ordering,
            state=state,
        )
    ).parsed
