"""What http.request sends, and what it makes of the answer."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from pipelines import ErrorClass
from pipelines.egress import connection
from tests.integration.http_tool.calling import call, error_of
from tests.integration.http_tool.servers import LoopbackServer, answering


def sent(given: dict[str, object]) -> bytes:
    with LoopbackServer(answering()) as server:
        call({"url": f"{server.url}/path", **given}, allow=[server.address])
        [request] = server.requests
    return request


def test_a_json_answer_comes_back_as_json() -> None:
    with LoopbackServer(answering(body=b'{"a": [1]}', content_type="application/json", x_y="z")) as server:
        output = call({"url": server.url}, allow=[server.address])

    assert (output["status"], output["json"]) == (200, {"a": [1]})
    assert output["headers"]["x-y"] == "z"


def test_a_header_sent_twice_is_joined() -> None:
    with LoopbackServer(answering(a="1", A="2")) as server:
        assert call({"url": server.url}, allow=[server.address])["headers"]["a"] == "1, 2"


def test_every_request_says_whose_it_is_and_accepts_no_compression() -> None:
    request = sent({}).lower()

    assert request.startswith(b"get /path http/1.1\r\n")
    assert b"\r\nx-request-id: request-1\r\n" in request
    assert b"\r\nidempotency-key: " in request
    assert b"\r\ntraceparent: 00-" in request
    assert b"\r\naccept-encoding: identity\r\n" in request
    assert b"\r\nhost: 127.0.0.1:" in request
    assert request.count(b"\r\nhost:") == 1


def test_a_request_names_the_attempt_and_the_lease_it_is_made_under() -> None:
    request = sent({}).lower()

    assert b"\r\nx-ordinaut-attempt: 2\r\n" in request
    assert b"\r\nx-ordinaut-fence: 3\r\n" in request


def test_json_query_and_headers_are_sent() -> None:
    request = sent({"method": "POST", "json": {"ș": 1}, "query": {"q": "a b", "n": 2}, "headers": {"X-Mine": "v"}})

    assert request.startswith(b"POST /path?q=a+b&n=2 HTTP/1.1\r\n")
    assert b"\r\nx-mine: v\r\n" in request
    assert b"\r\ncontent-type: application/json\r\n" in request
    assert request.endswith('\r\n\r\n{"ș":1}'.encode())


def test_a_body_is_text_unless_its_header_says_otherwise() -> None:
    assert b"\r\ncontent-type: text/plain; charset=utf-8\r\n" in sent({"method": "PUT", "body": "x"})
    assert b"\r\ncontent-type: text/csv\r\n" in sent(
        {"method": "PUT", "body": "x", "headers": {"Content-Type": "text/csv"}}
    )
    assert b"\r\ncontent-length: 0\r\n" in sent({"method": "POST"})


def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with LoopbackServer(answering(body=b"direct")) as server:
        assert call({"url": server.url}, allow=[server.address])["text"] == "direct"


def test_retry_after_reaches_the_error() -> None:
    with LoopbackServer(answering("429 Too Many Requests", retry_after="7")) as server:
        error = error_of({"url": server.url}, allow=[server.address])

    assert (error.error_class, error.code, error.retry_after) == (ErrorClass.RETRYABLE, "http_status", 7.0)


def test_an_expected_status_is_a_result() -> None:
    with LoopbackServer(answering("404 Not Found")) as server:
        one = call({"url": server.url, "expect_status": 404}, allow=[server.address])
        many = call({"url": server.url, "expect_status": [200, 404]}, allow=[server.address])

    assert (one["status"], many["status"]) == (404, 404)


def test_nobody_listening_may_be_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"

    error = error_of({"url": f"http://{address}"}, allow=[address])

    assert (error.error_class, error.code) == (ErrorClass.RETRYABLE, "connect_failed")


@pytest.fixture
def full_address() -> Iterator[str]:
    """A listener whose queue is full, so that further connections are not answered."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as waiting:
        for _ in range(2):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_connecting_ends_at_the_deadline(full_address: str) -> None:
    error = error_of({"url": f"http://{full_address}"}, allow=[full_address], timeout_seconds=0.3)

    assert (error.error_class, error.code) == (ErrorClass.TIMEOUT, "timeout")
    assert "raise its timeout_seconds" in error.message


def test_connecting_has_a_limit_of_its_own(full_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_CONNECT_SECONDS", 0.2)

    error = error_of({"url": f"http://{full_address}"}, allow=[full_address])

    assert (error.error_class, error.message) == (ErrorClass.TIMEOUT, "127.0.0.1 did not answer in time")


def test_an_answer_that_is_not_http_may_be_tried_again() -> None:
    with LoopbackServer(lambda request, peer: peer.sendall(b"SSH-2.0-x\r\n\r\n")) as server:
        error = error_of({"url": server.url}, allow=[server.address])

    assert (error.error_class, error.code) == (ErrorClass.RETRYABLE, "http_protocol")


def test_a_connection_that_breaks_off_may_be_tried_again() -> None:
    with LoopbackServer(lambda request, peer: None) as server:
        assert error_of({"url": server.url}, allow=[server.address]).error_class is ErrorClass.RETRYABLE


def test_a_host_without_a_name_may_be_tried_again() -> None:
    error = error_of({"url": "http://nowhere.example"}, resolve=lambda host, port, timeout: [])

    assert (error.error_class, error.code) == (ErrorClass.RETRYABLE, "connect_failed")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"url": "file:///etc/passwd"}, "does not begin with http"),
        ({"url": "gopher://127.0.0.1"}, "does not begin with http"),
        ({"url": "//host/path"}, "does not begin with http"),
        ({"url": "http://"}, "does not begin with http"),
        ({"url": "http://user:secret@example.org"}, "holds a name or password"),
        ({"url": "http://example.org:port"}, "is not a URL"),
        ({"url": "http://exa\nmple.org/"}, "is not a URL"),
        ({"url": "http://example.org", "headers": {"X-A": "b\r\nEvil: 1"}}, "is not a header"),
        ({"url": "http://example.org", "headers": {"X A": "b"}}, "is not a header"),
        ({"url": "http://example.org", "headers": {"Host": "b"}}, "belongs to the connection"),
        ({"url": "http://example.org", "headers": {"Proxy-Authorization": "b"}}, "belongs to the connection"),
        ({"url": "http://example.org", "json": 1, "body": "x"}, "does not fit its schema (not"),
        ({"url": "http://example.org", "method": "TRACE"}, "/method is not one of"),
        ({"url": "http://example.org", "verify": False}, "/verify is not known"),
        ({}, "/url is missing"),
    ],
)
def test_a_request_that_is_wrong_is_never_sent(given: dict[str, object], says: str) -> None:
    def no_lookup(host: str, port: int, timeout: float) -> list[str]:
        pytest.fail("resolved")

    error = error_of(given, resolve=no_lookup)

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "invalid_input")
    assert says in error.message
    assert "secret" not in error.message
