"""The proxy fails the way networks do."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.proxy import Direction, Proxy, Verdict


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Path]:
    """A server on a unix socket that answers every chunk with itself."""
    path = tmp_path / "s"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while chunk := connection.recv(1000):
                connection.sendall(chunk)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield path
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def dialled(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=2)


def said(connection: socket.socket, words: bytes) -> bytes:
    """The answer to `words`; nothing from a connection that is broken."""
    try:
        connection.sendall(words)
        return connection.recv(1000)
    except ConnectionError:
        return b""


def test_it_passes_on(echo: Path) -> None:
    with Proxy(echo) as proxy, dialled(proxy) as connection:
        assert said(connection, b"hello") == b"hello"


def test_a_cut_breaks_what_is_open_and_refuses_what_comes_until_it_passes_on_again(echo: Path) -> None:
    with Proxy(echo) as proxy, dialled(proxy) as connection:
        assert said(connection, b"hello") == b"hello"
        proxy.cut()
        assert said(connection, b"hello") == b""
        with dialled(proxy) as another:
            assert said(another, b"hello") == b""
        proxy.pass_on()
        with dialled(proxy) as another:
            assert said(another, b"hello") == b"hello"


def test_half_open_connections_take_everything_and_answer_nothing(echo: Path) -> None:
    with Proxy(echo) as proxy, dialled(proxy) as connection:
        assert said(connection, b"hello") == b"hello"
        proxy.swallow()
        for each in (connection, dialled(proxy)):
            each.settimeout(0.2)
            with each, pytest.raises(TimeoutError):
                said(each, b"hello")


def test_a_delay_counts_both_ways(echo: Path) -> None:
    with Proxy(echo) as proxy, dialled(proxy) as connection:
        proxy.delay(0.1)
        begun = time.monotonic()
        assert said(connection, b"hello") == b"hello"
        assert time.monotonic() - begun >= 0.2


@pytest.mark.parametrize(
    ("verdict", "seen"), [(Verdict.BREAK_BEFORE, []), (Verdict.BREAK_AFTER, [b"COMMIT"])], ids=["before", "after"]
)
def test_a_connection_can_be_broken_before_and_after_a_chunk_got_through(
    echo: Path, verdict: Verdict, seen: list[bytes]
) -> None:
    answered = []
    judged = threading.Event()

    def judge(direction: Direction, chunk: bytes) -> Verdict:
        if direction is Direction.TO_SERVER:
            return verdict
        answered.append(chunk)
        judged.set()
        return Verdict.PASS

    with Proxy(echo) as proxy, dialled(proxy) as connection:
        proxy.judge = judge
        assert said(connection, b"COMMIT") == b""
        assert judged.wait(5 if seen else 0.3) is bool(seen)
    assert answered == seen
