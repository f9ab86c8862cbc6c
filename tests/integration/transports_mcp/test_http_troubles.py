"""What a step is told when an MCP server over HTTP is slow, hostile, gone, or none at all."""

import socket
import time
from typing import Any

import pytest

from pipelines.calls import ToolCall
from pipelines.egress.addresses import AddressGuard
from pipelines.errors import ErrorClass, Interrupted, OutcomeUnknown, StepFailed
from pipelines.transports import tool_of
from pipelines.transports.entry import Entry, Outside
from tests.integration.http_tool.calling import RealClock, StoppingJournal
from tests.integration.http_tool.servers import LoopbackServer, answering
from tests.integration.transports_mcp.calling import CONTEXT, call, entry_for, error_of
from tests.integration.transports_mcp.conftest import outside_for
from tests.integration.transports_mcp.http_peer import HttpPeer
from tests.integration.transports_mcp.scripted import by_method, hanging_up
from tests.unit.pipelines.fakes import MemoryJournal


def entry(url: str, tool: str = "say", **fields: Any) -> Entry:
    return entry_for("mcp-http", {"endpoint": url, "tool": tool}, **fields)


def allowing(server: LoopbackServer) -> Outside:
    return Outside(guard=AddressGuard([server.address]))


def failure_of(tool: Entry, outside: Outside) -> StepFailed:
    """What the tool itself raises: the record of a step does not tell `OutcomeUnknown` from others."""
    journal = MemoryJournal()
    asked = ToolCall("call", time.monotonic() + 20, context=CONTEXT, journal=journal, clock=RealClock())
    with pytest.raises(StepFailed) as caught:
        tool_of(tool, outside).call({"text": "hi"}, asked)
    return caught.value


def test_a_tool_that_hangs_is_left_at_the_deadline(peer: HttpPeer) -> None:
    error = error_of(entry(peer.url, "hang"), {}, outside_for(peer), timeout_seconds=1)

    assert (error.error_class, error.code) == (ErrorClass.TIMEOUT, "timeout")


def test_a_run_that_is_told_to_stop_does_not_wait_for_the_answer(peer: HttpPeer) -> None:
    journal = StoppingJournal()
    call(entry(peer.url, "say"), {"text": "warm"}, outside_for(peer))
    journal.stop_after(0.3)
    begun = time.monotonic()

    with pytest.raises(Interrupted):
        call(entry(peer.url, "hang"), {}, outside_for(peer), journal=journal)

    assert time.monotonic() - begun < 5


def test_a_blocked_address_gets_no_connection() -> None:
    with LoopbackServer(answering()) as server:
        error = error_of(entry(server.url), {}, Outside(guard=AddressGuard()))

        assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "address_blocked")
        assert server.connections == 0


def test_a_name_that_leads_to_a_blocked_address_gets_no_connection() -> None:
    with LoopbackServer(answering()) as server:
        guard = AddressGuard([f"other.example:{server.port}"], resolve=lambda *_: ["127.0.0.1"])

        error = error_of(entry(f"http://inside.example:{server.port}/mcp"), {}, Outside(guard=guard))

        assert (error.code, server.connections) == ("address_blocked", 0)


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    with LoopbackServer(answering("403 Forbidden")) as server:
        asked: list[str] = []

        def resolve(host: str, _port: int, _seconds: float) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"]

        guard = AddressGuard([f"mcp.example:{server.port}"], resolve=resolve)
        error = error_of(entry(f"http://mcp.example:{server.port}/mcp"), {}, Outside(guard=guard))

        assert (error.code, asked) == ("http_status", ["mcp.example"])
        assert f"host: mcp.example:{server.port}".encode() in server.requests[0].lower()


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_not_used(peer: HttpPeer, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with LoopbackServer(answering()) as proxy:
        monkeypatch.setenv(variable, proxy.url)

        assert call(entry(peer.url), {"text": "hi"}, outside_for(peer)) == {"text": "hi"}
        assert proxy.connections == 0


@pytest.mark.parametrize(
    ("status", "error_class"),
    [
        ("401 Unauthorized", ErrorClass.PERMANENT),
        ("403 Forbidden", ErrorClass.PERMANENT),
        ("429 Too Many Requests", ErrorClass.RETRYABLE),
        ("500 Internal Server Error", ErrorClass.RETRYABLE),
        ("503 Service Unavailable", ErrorClass.RETRYABLE),
    ],
)
def test_a_status_says_whether_another_try_can_help(status: str, error_class: ErrorClass) -> None:
    with LoopbackServer(answering(status, b"because", retry_after="7")) as server:
        error = error_of(entry(server.url), {}, allowing(server))

    assert (error.error_class, error.code) == (error_class, "http_status")
    assert status in error.message
    assert "because" in error.message
    assert error.retry_after == (7 if error_class == ErrorClass.RETRYABLE else None)


def test_a_demand_for_oauth_is_not_followed_to_wherever_it_points() -> None:
    with LoopbackServer(answering()) as target:
        demand = f'Bearer resource_metadata="{target.url}/.well-known/oauth-protected-resource"'
        with LoopbackServer(answering("401 Unauthorized", www_authenticate=demand)) as server:
            outside = Outside(guard=AddressGuard([server.address, target.address]))
            error = error_of(entry(server.url), {}, outside)

        assert (error.code, target.connections) == ("http_status", 0)


def test_a_redirect_to_another_origin_is_not_followed() -> None:
    with (
        LoopbackServer(answering()) as target,
        LoopbackServer(answering("307 Temporary Redirect", location=f"{target.url}/mcp")) as server,
    ):
        error = error_of(entry(server.url), {}, Outside(guard=AddressGuard([server.address, target.address])))

        assert error.error_class == ErrorClass.PERMANENT
        assert "not followed" in error.message
        assert target.connections == 0


@pytest.mark.parametrize(
    "answer",
    [
        answering("200 OK", b"<html>Hello</html>", content_type="text/html"),
        answering("200 OK", b"{", content_type="application/json"),
        answering("200 OK", b'{"jsonrpc": "2.0", "id": 77, "method": 5}', content_type="application/json"),
        answering("404 Not Found", b"no such page", content_type="text/plain"),
        answering("202 Accepted"),
    ],
    ids=["html", "no json", "no json-rpc", "not found", "accepted"],
)
def test_what_is_no_mcp_server_fails_the_step_for_good(answer: Any) -> None:
    with LoopbackServer(answer) as server:
        error = error_of(entry(server.url), {}, allowing(server))

    assert error.error_class == ErrorClass.PERMANENT
    assert error.code in ("mcp_error", "mcp_protocol")


def test_an_answer_that_is_packed_is_refused() -> None:
    with LoopbackServer(answering("200 OK", b"x" * 100, content_encoding="gzip")) as server:
        error = error_of(entry(server.url), {}, allowing(server))

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "content_encoding")


def test_an_answer_of_more_than_four_megabytes_is_not_read_to_its_end(peer: HttpPeer) -> None:
    error = error_of(entry(peer.url, "large"), {"size": 9_000_000}, outside_for(peer))

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "answer_too_large")


def test_an_endless_stream_of_events_is_cut_off() -> None:
    def endless(_request: bytes, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        while True:
            connection.sendall(b": nothing\n" * 10_000)

    with LoopbackServer(endless) as server:
        error = error_of(entry(server.url), {}, allowing(server))

    assert error.code == "answer_too_large"


def test_nobody_there_may_be_tried_again() -> None:
    with LoopbackServer(answering()) as server:
        url, outside = server.url, allowing(server)

    failure = failure_of(entry(url), outside)

    assert not isinstance(failure, OutcomeUnknown)
    assert (failure.error.error_class, failure.error.code) == (ErrorClass.RETRYABLE, "connect_failed")


def test_a_call_that_is_cut_off_is_tried_again_only_where_that_does_no_harm() -> None:
    with LoopbackServer(by_method(call=hanging_up)) as server:
        harmful = failure_of(entry(server.url), allowing(server))
        harmless = failure_of(entry(server.url, safe_to_retry=True), allowing(server))

    assert (harmful.error.code, harmless.error.code) == ("connection_lost", "connection_lost")
    assert isinstance(harmful, OutcomeUnknown)
    assert not isinstance(harmless, OutcomeUnknown)
    assert harmless.error.error_class == ErrorClass.RETRYABLE


def test_a_tool_that_must_act_once_may_be_tried_again_when_the_time_was_over_before_it_was_asked() -> None:
    def silent(_request: bytes, connection: socket.socket) -> None:
        connection.recv(1)  # until the other side hangs up

    with LoopbackServer(silent) as server:
        tool = tool_of(entry(server.url), allowing(server))
        asked = ToolCall("call", time.monotonic() + 1, context=CONTEXT, journal=MemoryJournal(), clock=RealClock())
        with pytest.raises(StepFailed) as caught:
            tool.call({}, asked)

    assert (caught.value.error.error_class, caught.value.error.code) == (ErrorClass.RETRYABLE, "timeout")


def test_an_input_that_is_no_object_is_refused() -> None:
    with LoopbackServer(answering()) as server:
        asked = ToolCall("call", time.monotonic() + 20, context=CONTEXT, journal=MemoryJournal(), clock=RealClock())
        with pytest.raises(StepFailed) as caught:
            tool_of(entry(server.url), allowing(server)).call([1], asked)

    assert caught.value.error.code == "invalid_input"
    assert server.connections == 0
