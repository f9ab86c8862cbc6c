"""Peers that the tests share: starting one takes a second."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.egress.addresses import AddressGuard
from pipelines.transports import mcp_http_calls, mcp_stdio_calls
from pipelines.transports.entry import Outside, StdioServer
from tests.integration.transports_mcp.http_peer import HttpPeer
from tests.integration.transports_mcp.peer import made

PEER = str(Path(__file__).with_name("peer.py"))
CRUDE = str(Path(__file__).with_name("crude.py"))


@pytest.fixture
def peer() -> Iterator[HttpPeer]:
    mcp_http_calls.forget_all()
    with HttpPeer(made()) as serving:
        yield serving


@pytest.fixture
def old_peer() -> Iterator[HttpPeer]:
    """One that knows sessions, and nothing of newer protocols."""
    mcp_http_calls.forget_all()
    with HttpPeer(made(), old=True) as serving:
        yield serving


def outside_for(peer: HttpPeer, **fields: object) -> Outside:
    return Outside(guard=AddressGuard([peer.address]), **fields)  # type: ignore[arg-type]


def crude(*how: str) -> StdioServer:
    """A server of few words, which starts at once."""
    return StdioServer(command=[sys.executable, "-I", "-S", CRUDE, *how])


@pytest.fixture(scope="module")
def stdio() -> Iterator[Outside]:
    yield Outside(
        guard=AddressGuard(), servers={"peer": StdioServer(command=[sys.executable, PEER], env={"SHOWN": "yes"})}
    )
    mcp_stdio_calls.end_all()
