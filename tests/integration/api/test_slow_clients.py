"""Who sends too slowly (S25) is told so and let go: neither a head nor a body may take as long as it likes."""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from ordinaut_site import http_protocol
from ordinaut_site.upload_limit import UploadLimit

HEAD = b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n"


async def echo(scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
    """As Django does: the body is read before anything is answered, and nothing is answered to who has gone."""
    body = b""
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            await send({"type": "http.response.start", "status": 500, "headers": []})
            return
        body += event["body"]
        if not event.get("more_body"):
            break
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(application: Any) -> Iterator[int]:
    config = uvicorn.Config(application, http=http_protocol.Protocol, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(10)


@contextmanager
def talking_to(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as talking:
        yield talking


def answered(talking: socket.socket) -> tuple[bytes, bytes]:
    """The status line, and the body, of an answer after which the server closes."""
    with talking.makefile("rb") as reading:
        head, _, body = reading.read().partition(b"\r\n\r\n")
    return head.splitlines()[0], body


def test_a_body_that_comes_too_slowly_is_408(caplog: pytest.LogCaptureFixture) -> None:
    with serving(UploadLimit(echo, seconds=0.1)) as port, talking_to(port) as talking:
        talking.sendall(HEAD + b"x")
        status, body = answered(talking)

    assert status.split()[1] == b"408"
    assert b'"request_timeout"' in body
    assert [record for record in caplog.records if record.levelname != "INFO"] == []


def test_a_body_in_pieces_and_in_time_is_taken_and_the_connection_kept() -> None:
    with serving(UploadLimit(echo, seconds=5)) as port, talking_to(port) as talking:
        for _ in range(2):
            talking.sendall(HEAD + b"ab")
            talking.sendall(b"c")
            received = b""
            while not received.endswith(b"abc"):
                received += talking.recv(1000)
            assert received.startswith(b"HTTP/1.1 200")


def test_what_is_not_http_passes() -> None:
    passed: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        passed.append(scope["type"])

    asyncio.run(UploadLimit(application)({"type": "lifespan"}, None, None))  # type: ignore[arg-type, typeddict-item]

    assert passed == ["lifespan"]


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nX-Part: "], ids=["nothing", "a part"])
def test_a_head_that_does_not_end_is_408(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.1)

    with serving(echo) as port, talking_to(port) as talking:
        talking.sendall(begun)
        status, body = answered(talking)

    assert (status.split()[1], json.loads(body)["code"]) == (b"408", "request_timeout")


def test_a_byte_now_and_then_buys_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.2)
    begun = time.monotonic()

    with serving(echo) as port, talking_to(port) as talking:
        talking.sendall(b"GET / HTTP/1.1\r\nX: ")
        with contextlib.suppress(OSError):
            while time.monotonic() - begun < 5:
                talking.sendall(b"x")
                time.sleep(0.02)

    assert time.monotonic() - begun < 3


def test_an_answer_that_has_begun_is_cut_off_where_the_rest_of_the_request_is_no_http() -> None:
    async def early(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        await receive()

    with serving(early) as port, talking_to(port) as talking:
        talking.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        while b"begun" not in talking.recv(1000):
            pass
        talking.sendall(b"no chunk\r\n")
        with contextlib.suppress(ConnectionError):
            assert b"400" not in talking.recv(1000)
