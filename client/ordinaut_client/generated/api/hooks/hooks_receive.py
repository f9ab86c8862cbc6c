from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ...client import AuthenticatedClient, Client
from ...models.hooks_receive_data_body import HooksReceiveDataBody
from ...models.hooks_receive_json_body import HooksReceiveJsonBody
from ...models.problem import Problem
from ...models.received import Received
from ...types import UNSET, Response, Unset


def _get_kwargs(
    token: str,
    *,
    body: HooksReceiveJsonBody | HooksReceiveDataBody | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/hooks/{token}".format(
            token=quote(str(token), safe=""),
        ),
    }

    if isinstance(body, HooksReceiveJsonBody):
        if not isinstance(body, Unset):
            _kwargs["json"] = body.to_dict()

        headers["Content-Type"] = "application/json"
    if isinstance(body, HooksReceiveDataBody):
        if not isinstance(body, Unset):
            _kwargs["data"] = body.to_dict()
        headers["Content-Type"] = "application/x-www-form-urlencoded"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | Received:
    if response.status_code == 200:
        response_200 = Received.from_dict(response.json())

        return response_200

    if response.status_code == 202:
        response_202 = Received.from_dict(response.json())

        return response_202

    response_default = Problem.from_dict(response.json())

    return response_default


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Problem | Received]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    token: str,
    *,
    client: AuthenticatedClient | Client,
    body: HooksReceiveJsonBody | HooksReceiveDataBody | Unset = UNSET,
) -> Response[Problem | Received]:
    """A webhook of another program: signed as the hook's preset says, it becomes an event

     A webhook of another program: signed as the hook's preset says, it becomes an event. 200 if it had
    come before.

    Args:
        token (str):
        body (HooksReceiveJsonBody | Unset):
        body (HooksReceiveDataBody | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Received]
    """

    kwargs = _get_kwargs(
        token=token,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    token: str,
    *,
    client: AuthenticatedClient | Client,
    body: HooksReceiveJsonBody | HooksReceiveDataBody | Unset = UNSET,
) -> Problem | Received | None:
    """A webhook of another program: signed as the hook's preset says, it becomes an event

     A webhook of another program: signed as the hook's preset says, it becomes an event. 200 if it had
    come before.

    Args:
        token (str):
        body (HooksReceiveJsonBody | Unset):
        body (HooksReceiveDataBody | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Received
    """

    return sync_detailed(
        token=token,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    token: str,
    *,
    client: AuthenticatedClient | Client,
    body: HooksReceiveJsonBody | HooksReceiveDataBody | Unset = UNSET,
) -> Response[Problem | Received]:
    """A webhook of another program: signed as the hook's preset says, it becomes an event

     A webhook of another program: signed as the hook's preset says, it becomes an event. 200 if it had
    come before.

    Args:
        token (str):
        body (HooksReceiveJsonBody | Unset):
        body (HooksReceiveDataBody | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Received]
    """

    kwargs = _get_kwargs(
        token=token,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    token: str,
    *,
    client: AuthenticatedClient | Client,
    body: HooksReceiveJsonBody | HooksReceiveDataBody | Unset = UNSET,
) -> Problem | Received | None:
    """A webhook of another program: signed as the hook's preset says, it becomes an event

     A webhook of another program: signed as the hook's preset says, it becomes an event. 200 if it had
    come before.

    Args:
        token (str):
        body (HooksReceiveJsonBody | Unset):
        body (HooksReceiveDataBody | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Received
    """

    return (
        await asyncio_detailed(
            token=token,
            client=client,
            body=body,
        )
    ).parsed
