"""The effect server: what the platform's `http.request` steps act upon, and the log of what reached it.

It writes a call down first and misbehaves then, by the call's path:

    effects.behave("/effect", delay=0.2)            # answer after 200 ms
    effects.behave("/effect", status=500)
    effects.behave("/effect", hang=True)            # never answer, until `behave` is called again
    effects.behave("/effect", drop=True)            # close the connection without a word
    effects.behave("/poison", then=effects.kill_caller)
"""

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psutil


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request that arrived. `number` is its place among all, from 1; `key` the Idempotency-Key."""

    number: int
    path: str
    run: str
    step: str
    key: str
    attempt: int
    fence: int
    at: datetime
    peer: int = 0  # the caller's TCP port


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    delay: float = 0.0
    status: int = 200
    hang: bool = False
    drop: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    then: Callable[[Call], None] | None = None  # before the answer


class EffectServer:
    """Serves from its creation until `close`."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._behaviours: dict[str, Behaviour] = {}
        self._changed = threading.Event()  # set, and replaced, whenever behaviours change
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.effects = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """As in `ORDINAUT_HTTP_ALLOW`."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def behave(self, path: str, **how: Any) -> None:
        """From now on answer calls of `path` so; hanging ones end at once. Without `how`: at once, with 200."""
        self._behaviours[path] = Behaviour(**how)
        changed, self._changed = self._changed, threading.Event()
        changed.set()

    def behaviour(self, path: str) -> Behaviour:
        return self._behaviours.get(path, Behaviour())

    def wait_for_change(self) -> None:
        self._changed.wait()

    def in_flight(self, runs: set[str]) -> set[str]:
        """Those of `runs` that have called at all."""
        return {call.run for call in list(self.calls)} & runs

    def note(self, **facts: Any) -> Call:
        with self._lock:
            call = Call(number=len(self.calls) + 1, at=datetime.now(UTC), **facts)
            self.calls.append(call)
        return call

    def kill_caller(self, call: Call) -> None:
        """SIGKILL to the process that made this call."""
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == call.peer and connection.pid and connection.raddr:
                with contextlib.suppress(psutil.NoSuchProcess):
                    psutil.Process(connection.pid).kill()

    def close(self) -> None:
        for path in list(self._behaviours):
            self.behave(path)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512
    effects: EffectServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that was killed is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        effects = self.server.effects
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        call = effects.note(**self._facts())
        how = effects.behaviour(call.path)
        if how.delay or how.hang:
            self._wait(how)
        if how.then:
            how.then(call)
        if how.drop:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._answer(call, how)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the base class
        """The log is `calls`."""

    def _facts(self) -> dict[str, Any]:
        url = urlsplit(self.path)
        asked = parse_qs(url.query)
        return {
            "path": url.path,
            "run": asked.get("run", [""])[0],
            "step": asked.get("step", [""])[0],
            "key": self.headers.get("Idempotency-Key", ""),
            "attempt": int(self.headers.get("X-Ordinaut-Attempt", 0)),
            "fence": int(self.headers.get("X-Ordinaut-Fence", 0)),
            "peer": self.client_address[1],
        }

    def _wait(self, how: Behaviour) -> None:
        if how.hang:
            self.server.effects.wait_for_change()
        else:
            threading.Event().wait(how.delay)

    def _answer(self, call: Call, how: Behaviour) -> None:
        body = json.dumps({"call": call.number, "attempt": call.attempt, "fence": call.fence}).encode()
        self.send_response(how.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in how.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
