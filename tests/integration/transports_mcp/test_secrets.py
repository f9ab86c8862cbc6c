"""A secret goes to the server that it is for, in the header that asks for it, and nowhere else."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from pipelines.calls import ToolCall
from pipelines.egress.addresses import AddressGuard
from pipelines.errors import StepFailed
from pipelines.transports import tool_of
from pipelines.transports.entry import Entry, Outside, SecretRefused
from pipelines.transports.mcp_http_calls import Peer
from tests.integration.http_tool.calling import RealClock
from tests.integration.http_tool.servers import LoopbackServer, answering
from tests.integration.transports_mcp.calling import CONTEXT, call, entry_for, error_of, said_in
from tests.integration.transports_mcp.conftest import outside_for
from tests.integration.transports_mcp.http_peer import HttpPeer
from tests.unit.pipelines.fakes import MemoryJournal

CANARY = "canary-5f1c"
HEADERS = {"authorization": "Bearer ${secrets('key')}"}


def entry(url: str, tool: str) -> Entry:
    return entry_for("mcp-http", {"endpoint": url, "tool": tool, "headers": HEADERS})


def knowing(peer: HttpPeer, reveal: Callable[[str, str], str] = lambda *_: CANARY) -> Outside:
    return outside_for(peer, reveal=reveal)


def test_the_server_gets_the_secret_in_its_header_with_every_request(peer: HttpPeer) -> None:
    asked: list[tuple[str, str]] = []

    def reveal(name: str, host: str) -> str:
        asked.append((name, host))
        return CANARY

    call(entry(peer.url, "say"), {"text": "hi"}, knowing(peer, reveal))

    assert {headers["authorization"] for headers in peer.requests} == {f"Bearer {CANARY}"}
    assert asked == [("key", "127.0.0.1")]


def test_a_secret_that_the_server_sends_back_is_masked(peer: HttpPeer) -> None:
    tool = entry(peer.url, "say")

    assert call(tool, {"text": f"you said {CANARY}"}, knowing(peer)) == {"text": "you said ***"}
    assert call(tool, {"text": f'{{"{CANARY}": ["{CANARY}", 1]}}'}, knowing(peer)) == {"***": ["***", 1]}


def test_no_error_and_no_line_of_the_log_tells_a_secret(peer: HttpPeer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []

    def fail(tool: Entry, given: dict[str, Any], outside: Outside) -> None:
        asked = ToolCall(
            "call", RealClock().monotonic() + 2, context=CONTEXT, journal=MemoryJournal(), clock=RealClock()
        )
        with pytest.raises(StepFailed) as caught:
            tool_of(tool, outside).call(given, asked)
        told.extend(said_in(caught.value))

    refused = answering("401 Unauthorized", f"what is {CANARY}?".encode())
    fail(entry(peer.url, "fail"), {"text": "oh no"}, knowing(peer))
    fail(entry(peer.url, "hang"), {}, knowing(peer))
    fail(entry(peer.url, "large"), {"size": 9_000_000}, knowing(peer))
    fail(entry(peer.url, "say"), {}, knowing(peer, lambda *_: f"{CANARY}\r\nx-evil: 1"))
    with LoopbackServer(refused) as server:
        fail(entry(server.url, "say"), {}, Outside(guard=_allowing(server), reveal=lambda *_: CANARY))

    assert len(told) >= 5
    assert not [text for text in told if CANARY in text]
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("uvicorn", "mcp.server"))]
    assert logging.getLogger("mcp.client.streamable_http").getEffectiveLevel() == logging.CRITICAL  # it tells all
    assert not [message for message in ours if CANARY in message]


def _allowing(server: LoopbackServer) -> AddressGuard:
    return AddressGuard([server.address])


def test_a_secret_that_is_not_for_the_host_is_sent_nowhere(peer: HttpPeer) -> None:
    def reveal(name: str, host: str) -> str:
        raise SecretRefused(f"{name!r} is not for {host}")

    error = error_of(entry(peer.url, "say"), {"text": "hi"}, knowing(peer, reveal))

    assert (error.code, error.message) == ("secret_refused", "'key' is not for 127.0.0.1")
    assert peer.requests == []


def test_a_secret_of_several_lines_is_no_header(peer: HttpPeer) -> None:
    error = error_of(entry(peer.url, "say"), {"text": "hi"}, knowing(peer, lambda *_: "one\r\nx-evil: 1"))

    assert error.code == "secret_refused"
    assert peer.requests == []


def test_white_space_around_a_secret_is_no_part_of_its_header(peer: HttpPeer) -> None:
    call(entry(peer.url, "say"), {"text": "hi"}, knowing(peer, lambda *_: f"{CANARY} \t"))

    assert peer.requests[-1]["authorization"] == f"Bearer {CANARY}"


def test_an_empty_secret_masks_nothing(peer: HttpPeer) -> None:
    assert call(entry(peer.url, "say"), {"text": "hi"}, knowing(peer, lambda *_: "")) == {"text": "hi"}


def test_a_peer_does_not_show_its_headers() -> None:
    peer = Peer(endpoint="https://mcp.example.org/mcp", headers={"authorization": CANARY}, guard=AddressGuard())

    assert CANARY not in repr(peer)
