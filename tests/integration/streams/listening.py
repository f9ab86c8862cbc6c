"""A served platform, and clients that follow its events."""

import json
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from django.db import transaction

from tasks_app.api import tokens
from tasks_app.events import outbox
from tasks_app.events.types import EventType
from tasks_app.models import Agent, Task
from tests.integration.beat.beats import ROOT, environment
from tests.integration.events.reading import relay_all

PATH = "/api/v1/events/stream"
_START_SECONDS = 30
PATIENCE = 20


class Server:
    """uvicorn on the test's database."""

    def __init__(self, **more: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port: int = listening.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", "ordinaut_site.asgi:application", "--port", str(self.port)]
        command += ["--lifespan", "off", "--timeout-graceful-shutdown", "5", "--log-level", "warning"]
        settings = environment() | {"ORDINAUT_DATABASE_POOL": "3", "ORDINAUT_LOG_LEVEL": "WARNING"} | more
        self.process = subprocess.Popen(command, env=settings, cwd=ROOT, stdout=subprocess.DEVNULL)
        self.clients: list[Client] = []
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def _answers(self) -> bool:
        talking = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            talking.request("GET", "/health/ready")
            return talking.getresponse().status == 200
        except OSError:
            return False
        finally:
            talking.close()

    def stop(self) -> float:
        """The seconds that it took to end, asked kindly."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        return time.monotonic() - begun

    def leave(self) -> None:
        """No client is left, as after each test."""
        while self.clients:
            self.clients.pop().close()


@contextmanager
def served(**more: str) -> Iterator[Server]:
    server = Server(**more)
    try:
        yield server
    finally:
        server.leave()
        if server.process.poll() is None:
            server.stop()


class Client:
    """Follows a stream in a thread of its own; what it is told waits in a queue."""

    def __init__(self, server: Server, agent: Agent, *, last_id: object = "", **parameters: Any) -> None:
        self._talking = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {tokens.issue(agent)}", "Accept": "text/event-stream"}
        if last_id:
            headers["Last-Event-ID"] = str(last_id)
        self._talking.request("GET", f"{PATH}?{urlencode(parameters, doseq=True)}", headers=headers)
        self._answer = self._talking.getresponse()
        self._socket = self._talking.sock
        server.clients.append(self)
        self.status, self.headers = self._answer.status, self._answer.headers
        self.ended = threading.Event()
        self.told: queue.Queue[dict[str, Any]] = queue.Queue()
        self.comments: list[str] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        if self.status == 200:
            self._thread.start()
            assert self.next()["retry"]

    def refusal(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._answer.read())
        return told

    def next(self) -> dict[str, Any]:
        return self.told.get(timeout=PATIENCE)

    def take(self, number: int) -> list[int]:
        """The positions of the next events."""
        return [int(self.next()["id"]) for _ in range(number)]

    def quiet(self) -> bool:
        return self.told.empty()

    def close(self) -> None:
        with suppress(OSError):  # closed by the server, or before
            self._socket.shutdown(socket.SHUT_RDWR)
        if self._thread.ident:
            self._thread.join()
        self._answer.close()
        self._talking.close()

    def _listen(self) -> None:
        found: dict[str, Any] = {}
        try:
            for raw in self._answer:
                line = raw.decode().rstrip("\n")
                if not line:
                    if found:
                        self.told.put(found)
                    found = {}
                elif line.startswith(":"):
                    self.comments.append(line)
                else:
                    name, _, value = line.partition(": ")
                    found[name] = json.loads(value) if name == "data" else value
        except (OSError, ValueError):  # closed by the test
            pass
        finally:
            self.ended.set()


def open_raw(server: Server, agent: Agent) -> socket.socket:
    """A client that asks, and then reads nothing unless the test does."""
    talking = socket.socket()
    talking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    talking.connect(("127.0.0.1", server.port))
    headers = f"Host: localhost\r\nAuthorization: Bearer {tokens.issue(agent)}\r\n"
    talking.sendall(f"GET {PATH} HTTP/1.1\r\n{headers}\r\n".encode())
    return talking


def happen(number: int, *, to: Task, kind: str = "task.updated", **data: Any) -> None:
    """So many events about a task; numbered and on the stream."""
    with transaction.atomic():
        for _ in range(number):
            outbox.record(EventType(kind), to, agent=to.created_by_id, **data)
    relay_all()
