"""A real worker, in this process, on the test's database."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tasks_app.conf import conf
from tasks_app.execution.worker import Worker

_pause = threading.Event()


@pytest.fixture
def make_worker(redis_emptied: None) -> Iterator[Callable[..., Worker]]:
    """Makes started workers, each stopped at the end; settings of `Conf` may be given."""
    made: list[Worker] = []

    def make(name: str = "worker", *, stop_requested: Callable[[], bool] = lambda: False, **settings: object) -> Worker:
        settings = {"worker_threads": 8, "stop_grace": timedelta(seconds=2)} | settings
        worker = Worker(name=name, conf=replace(conf(), **settings), stop_requested=stop_requested)  # type: ignore[arg-type]
        worker.start()
        made.append(worker)
        return worker

    yield make
    for worker in made:
        worker.stop()


def until(condition: Callable[[], object], *, seconds: float = 10) -> None:
    """Wait for a condition that another thread brings about."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        _pause.wait(0.01)
