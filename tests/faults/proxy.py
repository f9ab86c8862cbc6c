"""A TCP proxy before Postgres or Redis that can be cut, made half-open, or slowed down.

    with scene_of(proxied=["redis"]) as scene:               # all programs go through it
        proxy = scene.proxies["redis"]
    with Proxy(platform.postgres_socket) as proxy:
        platform.start("worker", DATABASE_URL=proxy.database_url)      # this worker alone does

        proxy.swallow()      # half-open: accepts, reads, answers nothing; also on connections that are open
        proxy.cut()          # breaks every connection and refuses new ones
        proxy.delay(0.05)    # every chunk, both ways
        proxy.pass_on()      # as if it were not there

`proxy.judge = function(Direction, bytes) -> Verdict` decides about each chunk: to pass it on, or to break its connection
before or after it got through: with Postgres's own words in the chunk, a COMMIT can be lost on its way there or back.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from types import TracebackType
from typing import Self

from ordinaut_site.embedded import locations

_CHUNK = 256 * 1024


class Direction(Enum):
    TO_SERVER = auto()
    TO_CLIENT = auto()


class Verdict(Enum):
    PASS = auto()
    BREAK_BEFORE = auto()  # the other side never sees the chunk
    BREAK_AFTER = auto()  # it does, but no answer comes back


class _Mode(Enum):
    PASS_ON = auto()
    CUT = auto()
    SWALLOW = auto()


class Proxy:
    """Listens on a free TCP port from its creation until `close`, and connects to the unix socket `to`."""

    def __init__(self, to: Path) -> None:
        self.judge: Callable[[Direction, bytes], Verdict] | None = None
        self._to = to
        self._mode = _Mode.PASS_ON
        self._delay = 0.0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def database_url(self) -> str:
        return f"postgres://{locations.POSTGRES_USER}@127.0.0.1:{self.port}/{locations.DATABASE}"

    @property
    def redis_url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def pass_on(self) -> None:
        """Connections that swallowed are broken: what they lost cannot be made good."""
        swallowed, self._mode, self._delay = self._mode is _Mode.SWALLOW, _Mode.PASS_ON, 0.0
        if swallowed:
            self._break_all()

    def cut(self) -> None:
        self._mode = _Mode.CUT
        self._break_all()

    def swallow(self) -> None:
        self._mode = _Mode.SWALLOW

    def delay(self, seconds: float) -> None:
        self._delay = seconds

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            if self._mode is _Mode.CUT:
                _break(client)
            else:
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = socket.socket(socket.AF_UNIX)
        with self._lock:
            self._open |= {client, server}
        try:
            server.connect(str(self._to))
        except OSError:
            self._end(client, server)
            return
        threading.Thread(target=self._pump, args=(server, client, Direction.TO_CLIENT), daemon=True).start()
        self._pump(client, server, Direction.TO_SERVER)

    def _pump(self, source: socket.socket, target: socket.socket, direction: Direction) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(_CHUNK):
                if self._mode is _Mode.SWALLOW:
                    continue
                if self._delay:
                    time.sleep(self._delay)
                verdict = self.judge(direction, chunk) if self.judge else Verdict.PASS
                if verdict is Verdict.BREAK_BEFORE:
                    break
                target.sendall(chunk)
                if verdict is Verdict.BREAK_AFTER:
                    _break(source)
                    time.sleep(0.2)  # the server does what it was told before it sees that nobody listens
                    break
        self._end(source, target)

    def _end(self, *pair: socket.socket) -> None:
        with self._lock:
            self._open -= set(pair)
        for each in pair:
            _break(each)

    def _break_all(self) -> None:
        with self._lock:
            broken = list(self._open)
        for each in broken:
            _break(each)


def _break(connection: socket.socket) -> None:
    """Wakes whoever reads from it, too, which `close` alone does not."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
