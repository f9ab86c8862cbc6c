"""Servers that mean harm: slow, endless, compressed, elsewhere."""

import gzip
import threading
import time
from collections.abc import Iterator

import pytest

from pipelines import ErrorClass, Interrupted
from pipelines.schema_rules import InvalidSchema
from pipelines.schemas import compile_schema
from tests.integration.http_tool.calling import StoppingJournal, call, error_of
from tests.integration.http_tool.servers import LoopbackServer, answering, bombing, by_path, dripping


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize(
    "dripped",
    [b"HTTP/1.1 200 OK\r\nx-slow: ", b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", b""],
    ids=["headers", "body", "nothing but x"],
)
def test_the_deadline_is_for_the_whole_call_however_the_server_drips(dripped: bytes, stop: threading.Event) -> None:
    started = time.monotonic()

    with LoopbackServer(dripping(dripped, stop=stop)) as server:
        error = error_of({"url": server.url}, allow=[server.address], timeout_seconds=0.6)
        took = time.monotonic() - started
        stop.set()

    assert (error.error_class, error.code) == (ErrorClass.TIMEOUT, "timeout")
    assert 0.5 < took < 5


def test_a_silent_server_is_left_at_the_deadline(stop: threading.Event) -> None:
    with LoopbackServer(lambda request, connection: stop.wait(5) and None) as server:
        error = error_of({"url": server.url}, allow=[server.address], timeout_seconds=0.3)
        stop.set()

    assert (error.error_class, error.code) == (ErrorClass.TIMEOUT, "timeout")


def test_a_run_that_is_told_to_stop_leaves_a_slow_server(stop: threading.Event) -> None:
    journal = StoppingJournal()
    started = time.monotonic()

    with LoopbackServer(lambda request, connection: stop.wait(5) and None) as server:
        journal.stop_after(0.2)
        with pytest.raises(Interrupted):
            call({"url": server.url}, allow=[server.address], journal=journal)
        took = time.monotonic() - started
        stop.set()

    assert took < 4.5  # the server would answer after five seconds
    assert journal.records == []


def test_a_body_without_end_is_cut_off() -> None:
    with LoopbackServer(bombing()) as server:
        error = error_of({"url": server.url}, allow=[server.address])

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "answer_too_large")


def test_an_answer_may_have_one_megabyte_and_no_byte_more() -> None:
    with LoopbackServer(answering(body=b"x" * 1_000_001)) as server:
        too_large = error_of({"url": server.url}, allow=[server.address])
    with LoopbackServer(answering(body=b"x" * 999_000)) as server:
        fitting = call({"url": server.url}, allow=[server.address])

    assert too_large.code == "answer_too_large"
    assert len(fitting["text"]) == 999_000


def test_a_compressed_answer_is_refused_unread() -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)

    with LoopbackServer(answering(body=bomb, content_encoding="gzip")) as server:
        error = error_of({"url": server.url}, allow=[server.address])

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "content_encoding")


def test_nothing_that_is_blocked_gets_a_packet() -> None:
    with LoopbackServer(answering()) as server:
        for host in ("127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]", "2130706433"):
            error = error_of({"url": f"http://{host}:{server.port}/"})
            assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "address_blocked")
        public_port = error_of({"url": "http://rebind.example/"}, resolve=lambda host, port, timeout: ["127.0.0.1"])

    assert public_port.code == "address_blocked"
    assert server.connections == 0


def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    answers = iter([["127.0.0.2"], ["203.0.113.1"]])

    with LoopbackServer(answering(body=b"pinned"), host="127.0.0.2") as server:
        output = call(
            {"url": f"http://rebind.example:{server.port}/"},
            allow=[f"rebind.example:{server.port}"],
            resolve=lambda host, port, timeout: next(answers),
        )

    assert output["text"] == "pinned"
    assert f"host: rebind.example:{server.port}".encode() in server.requests[0].lower()
    assert next(answers) == ["203.0.113.1"]  # there was no second lookup


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    with LoopbackServer(answering(body=b"second")) as server:
        address = f"two.example:{server.port}"
        output = call({"url": f"http://{address}"}, allow=[address], resolve=lambda *_: ["127.0.0.3", "127.0.0.1"])

    assert output["text"] == "second"


def test_a_redirect_is_not_followed_unless_asked_for() -> None:
    with LoopbackServer(by_path({"/": answering("302 Found", location="/there"), "/there": answering()})) as server:
        error = error_of({"url": server.url}, allow=[server.address])

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "http_status")
    assert len(server.requests) == 1


def test_a_redirect_that_was_asked_for_is_followed() -> None:
    paths = {"/": answering("303 See Other", location="/a"), "/a": answering("307 Temporary Redirect", location="/b")}

    with LoopbackServer(by_path({**paths, "/b": answering(body=b"there")})) as server:
        given = {"url": server.url, "method": "POST", "json": {}, "headers": {"X-Key": "k"}, "follow_redirects": 2}
        output = call(given, allow=[server.address])

    assert output["text"] == "there"
    assert [request.split(b" ")[0] for request in server.requests] == [b"POST", b"GET", b"GET"]
    assert b"x-key: k" in server.requests[2]
    assert b"content-type" not in server.requests[2]


def test_the_same_origin_gets_the_body_again_if_the_redirect_says_so() -> None:
    paths = {"/": answering("307 Temporary Redirect", location="/b"), "/b": answering()}

    with LoopbackServer(by_path(paths)) as server:
        given = {"url": server.url, "method": "POST", "json": {"a": 1}, "follow_redirects": 1}
        call(given, allow=[server.address])

    assert server.requests[1].startswith(b"POST /b ")
    assert server.requests[1].endswith(b'{"a":1}')


def test_redirects_are_counted() -> None:
    with LoopbackServer(answering("302 Found", location="/again")) as server:
        error = error_of({"url": server.url, "follow_redirects": 3}, allow=[server.address])

    assert error.code == "http_status"
    assert len(server.requests) == 4


def test_a_redirect_into_a_closed_network_is_blocked() -> None:
    with LoopbackServer(answering()) as inner:
        for target in (inner.url, "http://169.254.169.254/latest", f"http://127.1:{inner.port}", "http://[::1]/"):
            with LoopbackServer(answering("302 Found", location=target)) as outer:
                error = error_of({"url": outer.url, "follow_redirects": 1}, allow=[outer.address])
            assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "address_blocked")

    assert inner.connections == 0


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "gopher://x", "http://user:pass@127.0.0.1/", "http://x:port/"]
)
def test_a_redirect_to_what_is_no_web_address_is_refused(target: str) -> None:
    with LoopbackServer(answering("302 Found", location=target)) as server:
        error = error_of({"url": server.url, "follow_redirects": 1}, allow=[server.address])

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "redirect_refused")


def test_another_origin_gets_no_credentials() -> None:
    with LoopbackServer(answering(body=b"elsewhere")) as other:
        with LoopbackServer(answering("302 Found", location=other.url)) as first:
            headers = {"Authorization": "Bearer s", "Cookie": "s=1", "X-Api-Key": "s", "Accept": "text/plain"}
            given = {"url": first.url, "headers": headers, "follow_redirects": 1}
            output = call(given, allow=[first.address, other.address])
        [request] = other.requests

    assert output["text"] == "elsewhere"
    for secret in (b"authorization", b"cookie", b"x-api-key", b"idempotency-key"):
        assert secret not in request.lower()
    assert b"accept: text/plain" in request


def test_another_origin_does_not_get_the_body() -> None:
    with LoopbackServer(answering()) as other:
        moved = answering("307 Temporary Redirect", location=other.url)
        with LoopbackServer(moved) as first:
            given = {"url": first.url, "method": "POST", "json": {"s": 1}, "follow_redirects": 1}
            error = error_of(given, allow=[first.address, other.address])

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "redirect_refused")
    assert other.connections == 0


def test_a_schema_that_refers_to_a_server_sends_it_nothing() -> None:
    with (
        LoopbackServer(answering(body=b"{}", content_type="application/json")) as server,
        pytest.raises(InvalidSchema, match="leads out of the schema"),
    ):
        compile_schema({"$ref": f"{server.url}/schema.json"})

    assert server.connections == 0
