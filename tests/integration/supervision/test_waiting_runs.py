"""Runs that wait for a server need a thread each and nothing else, and let go of it as soon as they are canceled."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import psutil
import pytest
from django.db import connection

from tasks_app import queue
from tasks_app.models import Run
from tasks_app.states import Trigger
from tests.integration.supervision.conftest import Start, until
from tests.making import make_run, make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]


class SilentServer:
    """Takes every connection and never answers, but for the first ones, if it is to."""

    answers_left = 0

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listener.getsockname()[1]
        self._connections: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def callers(self) -> int:
        return len(self._connections)

    def hung_up(self) -> bool:
        """Whether the first caller is gone."""
        self._connections[0].settimeout(0.01)
        try:
            while self._connections[0].recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True

    def _accept(self) -> None:
        while True:
            try:
                caller = self._listener.accept()[0]
            except OSError:
                return
            if self.answers_left:
                self.answers_left -= 1
                with caller:
                    caller.recv(65536)
                    caller.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            else:
                self._connections.append(caller)

    def close(self) -> None:
        with ExitStack() as stack:
            for each in (self._listener, *self._connections):
                stack.callback(each.close)


@pytest.fixture
def server() -> Iterator[SilentServer]:
    made = SilentServer()
    yield made
    made.close()


def calling(server: SilentServer) -> dict[str, object]:
    address = f"http://127.0.0.1:{server.port}/"
    return {"pipeline": [{"id": "a", "uses": "http.request", "with": {"url": address}, "timeout_seconds": 60}]}


def test_a_cancel_ends_a_call_under_way_within_five_seconds(start_worker: Start, server: SilentServer) -> None:
    run = make_run(make_task(payload=calling(server)))
    start_worker(ORDINAUT_HTTP_ALLOW=f"127.0.0.1:{server.port}", ORDINAUT_HEARTBEAT_SECONDS="10")
    until(lambda: server.callers)

    queue.cancel([run.pk], reason="enough")

    assert until(server.hung_up, seconds=5) < 5


def test_two_hundred_waiting_runs_share_one_process_and_four_connections(
    start_worker: Start, server: SilentServer
) -> None:
    task = make_task(payload=calling(server))
    new = queue.NewRun(task=task.pk, task_version=1, agent=task.created_by_id, priority=5, trigger=Trigger.RUN_NOW)
    worker = start_worker(ORDINAUT_HTTP_ALLOW=f"127.0.0.1:{server.port}", ORDINAUT_HEARTBEAT_SECONDS="1")
    [process] = until_children(worker.process.pid)
    server.answers_left = 1  # else it would not be trusted with more than a few calls
    first = make_run(task)
    until(lambda: Run.objects.get(pk=first.pk).state == "succeeded")
    idle = process.num_threads()
    runs = queue.enqueue([new] * 200)

    until(lambda: server.callers == 200)

    assert process.num_threads() - idle >= 198, "a thread is made when a run needs it, and not before"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] <= 4
    queue.cancel(runs, reason="enough")
    assert not Run.objects.unfinished().exists()


def until_children(pid: int) -> list[psutil.Process]:
    until(lambda: psutil.Process(pid).children())
    return psutil.Process(pid).children()
