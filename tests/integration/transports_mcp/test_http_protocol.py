"""What a step makes of each thing that an MCP server over HTTP may answer to a call."""

import json
import socket
from typing import Any

import pytest

from pipelines.egress.addresses import AddressGuard
from pipelines.errors import ErrorClass
from pipelines.transports.entry import Entry, Outside
from tests.integration.http_tool.servers import LoopbackServer, answering
from tests.integration.transports_mcp.calling import call, entry_for, error_of
from tests.integration.transports_mcp.scripted import Say, by_method, hanging_up, refusal, result

HELLO = result(content=[{"type": "text", "text": "hello"}])
INITIALIZED = {
    "protocolVersion": "2025-11-25",
    "capabilities": {"tools": {}},
    "serverInfo": {"name": "o", "version": "1"},
}


def entry(server: LoopbackServer) -> Entry:
    return entry_for("mcp-http", {"endpoint": server.url, "tool": "say"}, safe_to_retry=True)


def allowing(server: LoopbackServer, **how: Any) -> Outside:
    return Outside(guard=AddressGuard([server.address], **how))


@pytest.mark.parametrize(
    ("say", "error_class", "code"),
    [
        (refusal(-32602, "no city"), ErrorClass.PERMANENT, "mcp_error"),
        (refusal(-32602, "no city", status="400 Bad Request"), ErrorClass.PERMANENT, "mcp_error"),
        (refusal(-32603, "broken"), ErrorClass.RETRYABLE, "mcp_error"),
        (refusal(-32603, "broken", status="500 Internal Server Error"), ErrorClass.RETRYABLE, "mcp_error"),
        (refusal(-32001, "slow"), ErrorClass.TIMEOUT, "timeout"),
        (refusal(-32000, "gone"), ErrorClass.RETRYABLE, "connection_lost"),
        (result(content="none"), ErrorClass.PERMANENT, "mcp_protocol"),
        (
            result(resultType="input_required", inputRequests={}, requestState="s"),
            ErrorClass.PERMANENT,
            "mcp_input_required",
        ),
        (hanging_up, ErrorClass.RETRYABLE, "connection_lost"),
    ],
    ids=[
        "bad input",
        "with a status",
        "internal",
        "internal with a status",
        "timeout",
        "closed",
        "no result",
        "asks",
        "hangs up",
    ],
)
def test_an_answer_to_a_call_is_of_a_class(say: Say, error_class: ErrorClass, code: str) -> None:
    with LoopbackServer(by_method(call=say, list=hanging_up)) as server:
        error = error_of(entry(server), {}, allowing(server))

    assert (error.error_class, error.code) == (error_class, code)


def test_a_body_that_breaks_off_is_a_lost_connection() -> None:
    def breaking_off(_body: dict[str, Any], _request: bytes, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{")

    with LoopbackServer(by_method(call=breaking_off)) as server:
        error = error_of(entry(server), {}, allowing(server))

    assert (error.error_class, error.code) == (ErrorClass.RETRYABLE, "connection_lost")


def test_a_stream_of_events_that_breaks_off_is_a_lost_connection() -> None:
    def breaking_off(_body: dict[str, Any], _request: bytes, connection: socket.socket) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        connection.sendall(head + b"5\r\n: hi\n\r\n")

    with LoopbackServer(by_method(call=breaking_off)) as server:
        error = error_of(entry(server), {}, allowing(server))

    assert (error.error_class, error.code) == (ErrorClass.RETRYABLE, "connection_lost")


def test_arguments_that_the_server_wants_in_headers_too_are_sent_there_when_it_says_so() -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string", "x-mcp-header": "City"}}}
    tools = result(tools=[{"name": "say", "inputSchema": schema}], ttlMs=0, cacheScope="private")

    def picky(body: dict[str, Any], request: bytes, connection: socket.socket) -> None:
        say = HELLO if b"mcp-param-city: balti" in request.lower() else refusal(-32020, "header mismatch")
        say(body, request, connection)

    with LoopbackServer(by_method(call=picky, list=tools)) as server:
        assert call(entry(server), {"city": "Balti"}, allowing(server)) == {"text": "hello"}


def test_a_host_with_several_addresses_is_called_at_the_first_that_answers() -> None:
    with LoopbackServer(by_method(call=HELLO)) as server:
        outside = allowing(server, resolve=lambda *_: ["127.0.0.99", "127.0.0.1"])

        assert call(entry(server), {}, outside) == {"text": "hello"}


def test_a_session_that_the_server_has_forgotten_may_be_tried_again() -> None:
    with LoopbackServer(older(call=gone)) as server:
        error = error_of(entry(server), {}, allowing(server))

    assert (error.error_class, error.code) == (ErrorClass.RETRYABLE, "mcp_session_lost")


@pytest.mark.parametrize("status", ["401 Unauthorized", "404 Not Found", "405 Method Not Allowed", "503 Unavailable"])
def test_an_older_server_need_not_let_us_listen_or_say_goodbye(status: str) -> None:
    def no(_body: dict[str, Any], request: bytes, connection: socket.socket) -> None:
        answering(status)(request, connection)

    with LoopbackServer(older(call=HELLO, GET=no, DELETE=no)) as server:
        assert call(entry(server), {}, allowing(server)) == {"text": "hello"}


def test_a_server_of_a_protocol_that_nobody_knows_fails_the_step_for_good() -> None:
    with LoopbackServer(older(version="1999-01-01")) as server:
        error = error_of(entry(server), {}, allowing(server))

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "mcp_protocol")
    assert "1999-01-01" in error.message


def gone(_body: dict[str, Any], request: bytes, connection: socket.socket) -> None:
    answering("404 Not Found")(request, connection)


def older(*, version: str = "2025-11-25", **says: Say) -> Any:
    """A server that knows `initialize` and sessions."""

    def initialize(body: dict[str, Any], request: bytes, connection: socket.socket) -> None:
        initialized = INITIALIZED | {"protocolVersion": version}
        answer = json.dumps({"jsonrpc": "2.0", "id": body["id"], "result": initialized}).encode()
        answering("200 OK", answer, content_type="application/json", mcp_session_id="s1")(request, connection)

    def accept(_body: dict[str, Any], request: bytes, connection: socket.socket) -> None:
        answering("202 Accepted")(request, connection)

    known: dict[str, Say] = {"GET": gone, "DELETE": accept, **says}
    return by_method(discover=gone, initialize=initialize, initialized=accept, **known)
