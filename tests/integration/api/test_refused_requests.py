"""What the server itself, or what stands around Django, refuses: each refusal is a problem under a request id."""

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.integration.api.serving import sent, served

pytestmark = pytest.mark.django_db  # else there is no database where these tests are run alone

MEMBERS = {"type", "title", "status", "detail", "code", "request_id", "errors", "more_errors"}
HOST = b"Host: localhost\r\n"


@pytest.fixture(scope="module")
def port(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[int]:
    with django_db_blocker.unblock(), served() as number:
        yield number


def assert_problem(answer: tuple[int, dict[str, str], Any], status: int, code: str) -> None:
    answered, headers, body = answer
    assert (answered, headers["content-type"]) == (status, "application/problem+json"), body
    assert set(body) == MEMBERS
    assert (body["status"], body["code"], body["request_id"]) == (status, code, headers["x-request-id"])
    assert body["detail"]


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        pytest.param(b"nonsense\r\n\r\n", 400, "bad_request", id="what is no HTTP"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", 400, "bad_request", id="a request without Host"),
        pytest.param(b"GET /\x00 HTTP/1.1\r\n" + HOST + b"\r\n", 400, "bad_request", id="a NUL as it is"),
        pytest.param(b"GET /\xff HTTP/1.1\r\n" + HOST + b"\r\n", 400, "bad_request", id="a path that is not ASCII"),
        pytest.param(b"GET /%00 HTTP/1.1\r\n" + HOST + b"\r\n", 400, "bad_address", id="a NUL in the path"),
        pytest.param(b"GET /api/v1/tools/%ff HTTP/1.1\r\n" + HOST + b"\r\n", 400, "bad_address", id="a bad path"),
        pytest.param(b"GET /health?x=%00 HTTP/1.1\r\n" + HOST + b"\r\n", 400, "bad_address", id="a NUL in the query"),
        pytest.param(b"GET /health?x=%ff HTTP/1.1\r\n" + HOST + b"\r\n", 400, "bad_address", id="a bad query"),
        pytest.param(b"GET /api/v1/x/ HTTP/1.1\r\nHost: evil\r\n\r\n", 400, "bad_request", id="another host"),
        pytest.param(b"GET /nothing HTTP/1.1\r\n" + HOST + b"\r\n", 404, "not_found", id="an unknown address"),
        pytest.param(b"TRACE /health HTTP/1.1\r\n" + HOST + b"\r\n", 405, "method_not_allowed", id="another method"),
        pytest.param(b"GET /x HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 17_000, 431, "head_too_large", id="a large head"),
        pytest.param(b"GET /" + b"x" * 17_000, 431, "head_too_large", id="a long path"),
        pytest.param(
            b"GET /health?" + b"x" * 8_193 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 400, "bad_address", id="a long query"
        ),
        pytest.param(
            b"GET /health?" + b"&".join([b"x=1"] * 101) + b" HTTP/1.1\r\n" + HOST + b"\r\n",
            400,
            "bad_address",
            id="a hundred and one parameters",
        ),
        pytest.param(
            b"POST /auth/token HTTP/1.1\r\n" + HOST + b"Content-Length: 8388608\r\n\r\n",
            413,
            "payload_too_large",
            id="eight megabytes",
        ),
        pytest.param(
            b"POST /auth/token HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
            400,
            "bad_request",
            id="less than nothing",
        ),
    ],
)
def test_the_server_refuses(port: int, request_: bytes, status: int, code: str) -> None:
    assert_problem(sent(port, request_), status, code)


@pytest.mark.parametrize(
    ("body", "header", "status", "code"),
    [
        pytest.param(b"[" * 16_000, b"", 400, "malformed_body", id="S18 sixteen thousand brackets"),
        pytest.param(b'{"agent_id": "\\u0000"}', b"", 400, "malformed_body", id="S19 a NUL in a text"),
        pytest.param(b'{"agent_id": "\\ud800"}', b"", 400, "malformed_body", id="S19 half of a surrogate pair"),
        pytest.param(b'{"a": ' + b"9" * 5_000 + b"}", b"", 400, "malformed_body", id="S20 five thousand digits"),
        pytest.param(b'{"a": 1e400}', b"", 400, "malformed_body", id="S20 a number beyond all others"),
        pytest.param(b'{"a": NaN}', b"", 400, "malformed_body", id="S20 what is not a number"),
        pytest.param(b'{"a": 1, "a": 2}', b"", 400, "malformed_body", id="S21 a key that comes twice"),
        pytest.param('{"a": 1}'.encode("utf-16"), b"", 400, "malformed_body", id="S21 utf-16"),
        pytest.param(b"{}", b"; charset=latin-1", 400, "malformed_body", id="S21 another charset"),
        pytest.param(
            gzip.compress(b"0" * 10_000_000),
            b"\r\nContent-Encoding: gzip",
            415,
            "unsupported_media_type",
            id="S22 a bomb",
        ),
    ],
)
def test_a_body_is_refused(port: int, body: bytes, header: bytes, status: int, code: str) -> None:
    head = b"POST /auth/token HTTP/1.1\r\n" + HOST + b"Content-Type: application/json" + header
    length = str(len(body)).encode()

    answer = sent(port, head + b"\r\nContent-Length: " + length + b"\r\n\r\n" + body)

    assert_problem(answer, status, code)
