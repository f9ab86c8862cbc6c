"""Loopback servers that answer, drip, bomb or redirect, each in a thread of its own."""

import socket
import threading
from collections.abc import Callable
from types import TracebackType

Answer = Callable[[bytes, socket.socket], None]


class LoopbackServer:
    """Reads one request a connection, hands it to `answer`, closes. `requests` are what came, `connections` how many."""

    def __init__(self, answer: Answer, *, host: str = "127.0.0.1") -> None:
        self._answer = answer
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        self.address = f"{host}:{self.port}"
        self.url = f"http://{self.address}"
        self.requests: list[bytes] = []
        self.connections = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "LoopbackServer":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                connection.settimeout(5)
                try:
                    request = _read_request(connection)
                    self.requests.append(request)
                    self._answer(request, connection)
                except OSError:
                    continue  # the client hung up, as several tests want it to


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(status: str = "200 OK", body: bytes = b"", **headers: str) -> Answer:
    """An answer like any other."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"

    def answer(_request: bytes, connection: socket.socket) -> None:
        connection.sendall(head + body)

    return answer


def dripping(data: bytes, *, stop: threading.Event) -> Answer:
    """One byte every 50 ms, for ever after the last."""

    def answer(_request: bytes, connection: socket.socket) -> None:
        position = 0
        while not stop.wait(0.05):
            connection.sendall(data[position : position + 1] or b"x")
            position += 1

    return answer


def bombing() -> Answer:
    """A body without end."""

    def answer(_request: bytes, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    return answer


def by_path(answers: dict[str, Answer]) -> Answer:
    """Another answer for each path."""

    def answer(request: bytes, connection: socket.socket) -> None:
        path = request.split(b" ")[1].decode()
        answers[path](request, connection)

    return answer
