"""Real workers and a service that fails: it is left alone soon, and nobody storms it when it is back."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from tasks_app import queue
from tasks_app.conf import conf
from tasks_app.maintenance import promote
from tasks_app.models import Attempt, Destination, PostponedCall, Run, Task
from tasks_app.rate_limits import parse
from tests.integration.execution.conftest import until
from tests.integration.execution.work import MakeWorker, pipeline
from tests.making import make_task

pytestmark = pytest.mark.django_db(transaction=True)


class Service:
    """An HTTP server that fails while it is `down`, and remembers when it was called."""

    def __init__(self) -> None:
        self.down = False
        self.calls: list[tuple[float, int]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def failures(self) -> int:
        return sum(status == 503 for _, status in self.calls)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status = 503 if service.down else 200
                service.calls.append((time.monotonic(), status))
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Nothing is printed."""

        return Handler


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    made = Service()
    monkeypatch.setattr(settings, "ORDINAUT", replace(conf(), http_allow=(made.address,)))
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def promoting() -> Iterator[None]:
    """What beat does each second."""
    stopped = threading.Event()

    def serve() -> None:
        while not stopped.wait(0.2):
            promote.run_once()
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield
    stopped.set()
    thread.join(5)


def calling(service: Service, **fields: object) -> Task:
    step = {"id": "call", "uses": "http.request", "with": {"url": f"http://{service.address}/"}}
    return make_task(payload=pipeline(step), **fields)


def start(task: Task, number: int) -> None:
    new = queue.NewRun(
        task=task.pk,
        task_version=1,
        agent=task.created_by_id,
        priority=5,
        trigger="run_now",  # type: ignore[arg-type]
    )
    queue.enqueue([new] * number)


class Load:
    """Runs that are started evenly, from a thread of its own."""

    def __init__(self, task: Task, *, a_second: int) -> None:
        self.started = 0
        self._task = task
        self._pause = 1 / a_second
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._start)

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._stopped.set()
        self._thread.join(10)

    def go_on(self, *, seconds: float) -> None:
        self._stopped.wait(seconds)

    def _start(self) -> None:
        began = time.monotonic()
        while not self._stopped.wait(max(began + self.started * self._pause - time.monotonic(), 0.0)):
            start(self._task, 1)
            self.started += 1
        connection.close()


def test_a_service_that_fails_is_left_alone_and_comes_back_without_a_storm(
    service: Service, make_worker: MakeWorker, promoting: None
) -> None:
    task = calling(service, max_retries=10)
    for name in ("one", "two"):
        make_worker(name, poll=timedelta(milliseconds=100), breaker_cooldown=timedelta(seconds=1))
    with Load(task, a_second=20) as load:
        until(lambda: len(service.calls) > 50)
        service.down = True
        until(lambda: Destination.objects.filter(state="open").exists())
        load.go_on(seconds=2)
        failures, service.down = service.failures, False
        until(lambda: Destination.objects.filter(state="recovering").exists(), seconds=10)
        back_at = time.monotonic()
        load.go_on(seconds=4)
    until(lambda: not Run.objects.unfinished().exists(), seconds=30)

    assert failures <= 20
    assert Run.objects.filter(state="succeeded").count() == load.started
    assert Run.objects.filter(failures__gt=0).count() <= 20, "who only waited has used up no retry"
    returned = [at for at, _ in service.calls if at > back_at]
    busiest = max(sum(start <= at < start + 2 for at in returned) for start in returned)
    assert busiest <= 2 * 2 * 20, "never more than twice the normal rate"
    assert Attempt.objects.filter(outcome="waiting").exists()
    assert not PostponedCall.objects.filter(promised_at__gt=Now()).exists()


def test_calls_under_a_limit_are_spread_and_none_is_lost(
    service: Service, make_worker: MakeWorker, promoting: None
) -> None:
    make_worker(poll=timedelta(milliseconds=100), rate_limits=parse(["127.0.0.1=10/s"]))
    start(calling(service), 40)

    until(lambda: Run.objects.filter(state="succeeded").count() == 40, seconds=30)

    times = [at for at, _ in service.calls]
    assert len(times) == 40
    assert times[-1] - times[0] >= 3.8
    for start_at in times:
        assert sum(start_at <= at < start_at + 1 for at in times) <= 12
    assert not PostponedCall.objects.exists()
