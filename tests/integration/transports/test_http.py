"""The transport http: what it sends, and what it makes of the answer."""

import gzip
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from pipelines import ErrorClass, InDoubt, Interrupted
from tests.integration.http_tool.calling import StoppingJournal
from tests.integration.http_tool.servers import LoopbackServer, answering, bombing, dripping
from tests.integration.transports.calling import (
    Called,
    answering_json,
    body_of,
    called,
    entry,
    headers_of,
    outside,
    target_of,
)


def call(server: LoopbackServer, given: Any = None, *, path: str = "", fields: Any = None, **settings: Any) -> Called:
    made = entry("http", {"endpoint": f"{server.url}{path}", **settings}, **(fields or {"safe_to_retry": True}))
    return called(made, given, outside=outside(allow=[server.address]))


def sent(given: Any, **how: Any) -> bytes:
    with LoopbackServer(answering_json({})) as server:
        call(server, given, **how)
        [request] = server.requests
    return request


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_the_input_is_posted_as_json_and_the_json_answer_returned() -> None:
    with LoopbackServer(answering_json({"id": 7})) as server:
        output = call(server, {"item": "ț", "n": 2}, path="/orders").output
        [request] = server.requests

    assert output == {"id": 7}
    assert request.startswith(b"POST /orders HTTP/1.1\r\n")
    assert body_of(request) == {"item": "ț", "n": 2}
    assert headers_of(request)["content-type"] == "application/json"


def test_a_request_says_whose_it_is_and_in_which_trace() -> None:
    headers = headers_of(sent({}))

    assert headers["x-request-id"] == "request-1"
    assert len(headers["idempotency-key"]) == 64
    assert headers["traceparent"].startswith("00-")
    assert headers["accept-encoding"] == "gzip, deflate, identity"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_method_with_a_body_sends_one(method: str) -> None:
    request = sent({"a": 1}, method=method)

    assert request.startswith(method.encode())
    assert body_of(request) == {"a": 1}


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_other_methods_send_the_input_as_a_query(method: str) -> None:
    request = sent({"q": "a b/é", "n": 2, "ok": True, "no": None, "ids": [1, 2]}, method=method, path="/find")

    assert request.startswith(method.encode())
    assert target_of(request) == "/find?q=a+b%2F%C3%A9&n=2&ok=true&ids=1&ids=2"
    assert request.endswith(b"\r\n\r\n")


def test_the_input_cannot_change_what_the_entry_fixes() -> None:
    request = sent({"v": "9", "w": "9", "x": "1"}, method="GET", path="/?v=1", query={"w": 2})

    assert target_of(request) == "/?v=1&w=2&x=1"


@pytest.mark.parametrize("given", [{"a": {"b": 1}}, {"a": [[1]]}, {"a": [None]}, [1], "text"])
def test_what_fits_no_query_is_refused(given: Any) -> None:
    with LoopbackServer(answering_json({})) as server:
        error = call(server, given, method="GET").error

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "invalid_input")
    assert server.connections == 0


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("a b", "a%20b"),
        ("group/project", "group%2Fproject"),
        ("x?y#z", "x%3Fy%23z"),
        ("%2e%2e", "%252e%252e"),
        ("ț", "%C8%9B"),
        ("${secrets('key')}", "%24%7Bsecrets%28%27key%27%29%7D"),
        ("{other}", "%7Bother%7D"),
        ("@evil.example:80", "%40evil.example%3A80"),
        ("a\r\nx: y", "a%0D%0Ax%3A%20y"),
        (7, "7"),
        (True, "true"),
    ],
)
def test_a_field_stays_in_its_place_in_the_path(value: Any, segment: str) -> None:
    request = sent({"id": value, "other": 1}, path="/v1/{id}/state")

    assert target_of(request) == f"/v1/{segment}/state"
    assert body_of(request) == {"other": 1}


@pytest.mark.parametrize("value", ["", ".", "..", "../x", "a/../../b", "..\\x", None, [1], {"a": 1}])
def test_a_field_that_leads_out_of_its_place_is_refused(value: Any) -> None:
    with LoopbackServer(answering_json({})) as server:
        error = call(server, {"id": value}, path="/v1/{id}").error

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "invalid_input")
    assert "/id " in error.message
    assert server.connections == 0


@pytest.mark.parametrize("how", [{"path": "/{id}"}, {"method": "GET"}])
def test_an_input_that_is_too_long_for_a_url_is_refused(how: Any) -> None:
    with LoopbackServer(answering_json({})) as server:
        error = call(server, {"id": "x" * 70_000}, **how).error

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "invalid_input")
    assert "longer than a URL may be" in error.message
    assert server.connections == 0


def test_a_field_of_the_path_must_be_given() -> None:
    with LoopbackServer(answering_json({})) as server:
        assert call(server, {}, path="/{id}").error.message.startswith("/id is missing")
        assert call(server, [1], path="/{id}").error.code == "invalid_input"


@pytest.mark.parametrize(
    ("status", "body", "content_type", "output"),
    [
        ("200 OK", b"[1, 2]", "application/json", [1, 2]),
        ("201 Created", b"null", "application/problem+json", None),
        ("204 No Content", b"", "application/json", None),
        ("200 OK", b"", "text/plain", None),
        ("200 OK", b"hello", "text/plain", {"text": "hello"}),
        ("200 OK", b"{broken", "application/json", {"text": "{broken"}),
        ("200 OK", b"12", "text/plain", {"text": "12"}),
    ],
)
def test_an_answer_is_json_or_text_or_nothing(status: str, body: bytes, content_type: str, output: Any) -> None:
    with LoopbackServer(answering(status, body, content_type=content_type)) as server:
        assert call(server).output == output


def test_an_answer_that_does_not_say_what_it_is_may_be_json() -> None:
    with LoopbackServer(answering(body=b'{"a": 1}')) as server:
        assert call(server).output == {"a": 1}


@pytest.mark.parametrize("coding", ["gzip", "x-gzip"])
def test_a_packed_answer_is_unpacked(coding: str) -> None:
    packed = gzip.compress(b'{"a": 1}', mtime=0)

    with LoopbackServer(answering(body=packed, content_type="application/json", content_encoding=coding)) as server:
        assert call(server).output == {"a": 1}


@pytest.mark.parametrize(
    ("body", "coding", "error_class", "code"),
    [
        (gzip.compress(bytes(20_000_000), mtime=0), "gzip", ErrorClass.PERMANENT, "answer_too_large"),
        (b"x" * 1_000_001, "identity", ErrorClass.PERMANENT, "answer_too_large"),
        (b"xyz", "br", ErrorClass.PERMANENT, "content_encoding"),
        (b"xyz", "gzip, gzip", ErrorClass.PERMANENT, "content_encoding"),
        (b"xyz", "gzip", ErrorClass.RETRYABLE, "http_protocol"),
        (gzip.compress(b"x" * 999, mtime=0)[:-3], "gzip", ErrorClass.RETRYABLE, "http_protocol"),
    ],
)
def test_a_body_that_is_too_large_or_garbled_fails(
    body: bytes, coding: str, error_class: ErrorClass, code: str
) -> None:
    with LoopbackServer(answering(body=body, content_encoding=coding)) as server:
        error = call(server).error

    assert (error.error_class, error.code) == (error_class, code)


def test_a_body_without_end_is_cut_off() -> None:
    with LoopbackServer(bombing()) as server:
        assert call(server).error.code == "answer_too_large"


@pytest.mark.parametrize(
    ("status", "error_class"),
    [
        ("302 Found", ErrorClass.PERMANENT),
        ("400 Bad Request", ErrorClass.PERMANENT),
        ("404 Not Found", ErrorClass.PERMANENT),
        ("429 Too Many Requests", ErrorClass.RETRYABLE),
        ("500 Internal Server Error", ErrorClass.RETRYABLE),
        ("503 Service Unavailable", ErrorClass.RETRYABLE),
    ],
)
def test_a_status_is_a_failure_of_one_class(status: str, error_class: ErrorClass) -> None:
    with LoopbackServer(answering(status, b"why", retry_after="7")) as server:
        error = call(server).error

    assert (error.error_class, error.code) == (error_class, "http_status")
    assert status in error.message
    assert "'why'" in error.message
    assert error.retry_after == (7.0 if error_class is ErrorClass.RETRYABLE else None)


@pytest.mark.parametrize("dripped", [b"HTTP/1.1 200 OK\r\nx: ", b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n"])
def test_a_server_that_drips_is_left_at_the_deadline(dripped: bytes, stop: threading.Event) -> None:
    with LoopbackServer(dripping(dripped, stop=stop)) as server:
        made = entry("http", {"endpoint": server.url}, safe_to_retry=True)
        error = called(made, {}, outside=outside(allow=[server.address]), timeout_seconds=0.4).error
        stop.set()

    assert (error.error_class, error.code) == (ErrorClass.TIMEOUT, "timeout")


def test_a_run_that_is_told_to_stop_leaves_a_slow_server(stop: threading.Event) -> None:
    journal = StoppingJournal()

    with LoopbackServer(lambda request, connection: stop.wait(5) and None) as server:
        journal.stop_after(0.1)
        with pytest.raises(Interrupted):
            called(entry("http", {"endpoint": server.url}), outside=outside(allow=[server.address]), journal=journal)
        stop.set()


def test_the_destination_is_the_address_and_the_place() -> None:
    with LoopbackServer(answering_json({})) as server:
        [asked] = call(server).journal.asked

    assert asked[:2] == ("shop.order", f"shop.order {server.address}")


ONCE = {"safe_to_retry": False, "pure": False}


@pytest.mark.parametrize("answer", [lambda request, peer: None, answering("500 Oops"), answering("502 Bad Gateway")])
def test_a_call_that_may_have_been_done_is_in_doubt_unless_it_may_be_repeated(answer: Any) -> None:
    with LoopbackServer(answer) as server:
        once = call(server, fields=ONCE)
        again = call(server, fields={"safe_to_retry": True})
        idempotent = call(server, fields=ONCE, method="PUT")

    assert isinstance(once.outcome, InDoubt)
    assert again.error.error_class is ErrorClass.RETRYABLE
    assert idempotent.error.error_class is ErrorClass.RETRYABLE


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable", "404 Not Found"])
def test_a_call_that_was_refused_is_in_no_doubt(status: str) -> None:
    with LoopbackServer(answering(status)) as server:
        refused = call(server, fields=ONCE)

    assert not isinstance(refused.outcome, InDoubt)
    assert refused.error.code == "http_status"


def test_a_call_that_nobody_took_is_in_no_doubt() -> None:
    with LoopbackServer(answering_json({})) as gone:
        pass
    refused = call(gone, fields=ONCE)

    assert not isinstance(refused.outcome, InDoubt)
    assert (refused.error.error_class, refused.error.code) == (ErrorClass.RETRYABLE, "connect_failed")


def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with LoopbackServer(answering_json("direct")) as server:
        assert call(server).output == "direct"
