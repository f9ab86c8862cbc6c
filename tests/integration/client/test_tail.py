"""`ordinaut events tail`: events as they happen, over connections that break."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from django.db import connection

from tasks_app.models import Agent
from tests.integration.client.typing_commands import CommandLine
from tests.integration.streams.listening import Server, happen
from tests.making import make_task


class Wire:
    """Carries connections to a server; each stream of events is cut once an event has passed, in the middle of the next."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.cuts = 0
        self.asked: list[bytes] = []

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=self._carry, args=[self._listening.accept()[0]], daemon=True).start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._to)) as server, suppress(OSError):
            forth = threading.Thread(target=self._forth, args=[client, server], daemon=True)
            forth.start()
            while piece := server.recv(65_536):
                streamed, at = b"event: task.updated" in piece, piece.find(b"\n\nid: ")
                if streamed and self.cuts < 2:
                    client.sendall(piece[: at + 12] if at > 0 else piece)
                    self.cuts += 1
                    break
                client.sendall(piece)
            for end in (client, server):
                end.shutdown(socket.SHUT_RDWR)
            forth.join()

    def _forth(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while piece := client.recv(65_536):
                self.asked += [line for line in piece.split(b"\r\n") if line.lower().startswith(b"last-event-id")]
                server.sendall(piece)


@contextmanager
def breaking(server: Server) -> Iterator[Wire]:
    wire = Wire(server.port)
    carrying = threading.Thread(target=wire.serve, daemon=True)
    carrying.start()
    try:
        yield wire
    finally:
        wire.close()
        carrying.join()


def test_a_broken_connection_loses_and_doubles_nothing(
    greeter: CommandLine, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ordinaut_client.stream._PAUSE", 0.05)
    task = make_task(created_by=Agent.objects.get())
    happen(5, to=task)
    first = greeter.asks("events", "list", "--type", "task.updated")[-1]["pos"]
    with breaking(server) as wire:
        kept = json.loads(greeter.kept.read_text()) | {"url": f"http://127.0.0.1:{wire.port}"}
        greeter.kept.write_text(json.dumps(kept))

        told = greeter.types("events", "tail", "--type", "task.updated", "--after", first, "--count", 4, "--json")

    assert [json.loads(line)["seq"] for line in told.stdout.splitlines()] == [2, 3, 4, 5]
    assert wire.cuts == 2
    assert len(wire.asked) == 3


def test_what_happens_from_now_on_is_told_and_nothing_older(greeter: CommandLine) -> None:
    agent = Agent.objects.get()
    happen(2, to=make_task(created_by=agent))
    task = make_task(created_by=agent)
    over = threading.Event()

    def go_on() -> None:
        try:
            while not over.wait(0.1):
                happen(1, to=task)
        finally:
            connection.close()

    happening = threading.Thread(target=go_on)
    happening.start()
    try:
        said = greeter.types("events", "tail", "--aggregate", f"task:{task.pk}", "--count", "1").stdout
    finally:
        over.set()
        happening.join()

    assert f"task.updated  task:{task.pk}" in said


def test_where_to_go_on_must_be_an_event(greeter: CommandLine) -> None:
    assert "pos or the id of an event" in greeter.types("events", "tail", "--after", "no-event", code=1).stderr
