"""A process whose threads do not come back from their tools makes room for a fresh one."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from tasks_app.conf import conf
from tasks_app.execution.worker import Worker
from tasks_app.models import Run
from tests.integration.execution.conftest import until
from tests.integration.execution.work import pipeline, state_of, with_tool
from tests.making import make_run, make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]


@pytest.mark.parametrize(("deaf", "retires"), [(2, True), (1, False)])
def test_when_more_than_half_of_the_threads_are_deaf_the_process_ends(
    deaf: int, retires: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks_app.execution.lookout.DEAF_AFTER", 0.1)
    finish, retired = threading.Event(), threading.Event()
    with_tool(monkeypatch, "test.deaf", lambda _given, _call: finish.wait(30), pure=False)
    task = make_task(timeout_seconds=1, payload=pipeline({"id": "a", "uses": "test.deaf"}))
    runs = [make_run(task) for _ in range(deaf)]
    settings = replace(conf(), worker_threads=3, stop_grace=timedelta(seconds=1))
    worker = Worker(name="me", conf=settings, retire=retired.set)
    worker.start()
    worker.drain()

    until(lambda: all(state_of(run) == "timed_out" for run in runs))
    until(lambda: len(worker._deaf) == deaf)
    if retires:
        assert retired.wait(10)
    else:
        quick = make_run()
        worker.drain()
        until(lambda: state_of(quick) == "succeeded")
        assert not retired.is_set()

    finish.set()
    worker.stop()
    assert Run.objects.filter(state="timed_out").count() == deaf
