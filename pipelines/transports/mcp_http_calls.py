"""How is an MCP server over HTTP asked for something: a session a call, over connections of its own.

Nothing of one call is left for another to use, so no secret's session can serve somebody else. What is kept for a minute,
for each endpoint and each set of headers, is knowledge: the protocol that the server speaks, so that a call to a server
without sessions is one request, and the definitions of its tools.
"""

import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeVar

import anyio
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult

from pipelines.egress.addresses import AddressGuard
from pipelines.transports.event_loop import in_loop
from pipelines.transports.mcp_definitions import Found
from pipelines.transports.mcp_http_traffic import Traffic
from pipelines.transports.mcp_session import CLIENT_INFO, LONGEST_MESSAGE, Known, call_tool, tools_of
from pipelines.transports.mcp_wanted import Wanted

T = TypeVar("T")

_MOST_KNOWN: Final = 1000
_MOST_REDIRECTS: Final = 3
_GOODBYE_SECONDS: Final = 1.0


@dataclass(frozen=True, kw_only=True)
class Peer:
    """An endpoint as one call reaches it. `headers` hold the secrets themselves, and are shown nowhere."""

    endpoint: str
    headers: Mapping[str, str]
    guard: AddressGuard

    @property
    def host(self) -> str:
        return httpx2.URL(self.endpoint).host

    def __repr__(self) -> str:
        return f"Peer({self.endpoint!r})"


def call_at(
    peer: Peer,
    wanted: Wanted,
    *,
    own_headers: Mapping[str, str],
    seconds: float,
    check: Callable[[], None],
) -> CallToolResult:
    """Call a tool. `own_headers` are this call's, beside the peer's. Raises `OutOfTime`, what `check` raises, and the rest."""

    async def work(client: Client, known: Known) -> CallToolResult:
        return await call_tool(client, wanted, known=known)

    return in_loop(lambda: _in_session(peer, own_headers, work), seconds=seconds, check=check)


def list_at(peer: Peer, *, seconds: float, check: Callable[[], None]) -> list[Found]:
    """The peer's tools. Raises as `call_at`."""

    async def work(client: Client, _known: Known) -> list[Found]:
        return await tools_of(client)

    return in_loop(lambda: _in_session(peer, {}, work), seconds=seconds, check=check)


async def _in_session(peer: Peer, own_headers: Mapping[str, str], work: Callable[[Client, Known], Awaitable[T]]) -> T:
    known = _known_of(peer)
    result: list[T] = []
    with anyio.CancelScope() as scope:
        traffic = Traffic(peer.guard, host=peer.host, most_bytes=LONGEST_MESSAGE, abort=scope.cancel)
        try:
            async with _session(peer, own_headers, traffic, known) as client:
                known.learn_protocol(client)
                result.append(await work(client, known))
                scope.deadline = anyio.current_time() + _GOODBYE_SECONDS  # nobody waits long for a session to be closed
        except Exception:
            known.protocol, known.discovered = "auto", None  # it may speak another one by now
            if traffic.trouble is None:
                raise
    if result:
        return result[0]
    assert traffic.trouble is not None, "a call ends with an answer, an exception or a trouble"
    raise traffic.trouble


@asynccontextmanager
async def _session(peer: Peer, own_headers: Mapping[str, str], traffic: Traffic, known: Known) -> AsyncIterator[Client]:
    headers = {**own_headers, **peer.headers, "accept-encoding": "identity"}
    async with (
        httpx2.AsyncClient(
            transport=traffic, headers=headers, timeout=None, trust_env=False, max_redirects=_MOST_REDIRECTS
        ) as http,
        Client(
            streamable_http_client(peer.endpoint, http_client=http, max_sse_event_size=LONGEST_MESSAGE),
            mode=known.protocol,
            prior_discover=known.discovered,
            client_info=CLIENT_INFO,
            message_handler=known.heard,
            cache=None,
        ) as client,
    ):
        yield client


_known: OrderedDict[str, Known] = OrderedDict()  # only the event loop's thread reads or writes it
os.register_at_fork(after_in_child=_known.clear)


def _known_of(peer: Peer) -> Known:
    key = sha256(repr((peer.endpoint, sorted(peer.headers.items()))).encode()).hexdigest()
    known = _known.get(key)
    if known is None or not known.fresh:
        known = _known[key] = Known()
    _known.move_to_end(key)
    while len(_known) > _MOST_KNOWN:
        _known.popitem(last=False)
    return known


def forget_all() -> None:
    """Know nothing of any server: the next call to each finds out anew."""
    _known.clear()
