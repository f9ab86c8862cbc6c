"""A worker that stops hands back what it cannot finish, and leaves nothing waiting for ever."""

import threading
from datetime import timedelta

import pytest

from tasks_app.models import Attempt, StepResult
from tests.integration.execution.work import MakeWorker, pipeline, state_of, with_tool
from tests.making import make_run, make_task

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_told_to_stop_lets_the_step_end_and_hands_the_run_back(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, finish = threading.Event(), threading.Event()
    with_tool(monkeypatch, "test.slow", lambda _given, _call: begun.set() or finish.wait(20), pure=False)
    run = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.slow"}, {"id": "b", "uses": "test.slow"})))
    stop = threading.Event()
    worker = make_worker("first", stop_requested=stop.is_set)
    worker.drain()
    assert begun.wait(10)

    stop.set()
    finish.set()
    worker.stop()

    assert state_of(run) == "queued"
    assert list(StepResult.objects.values_list("step", "state")) == [("a", "succeeded")]
    assert Attempt.objects.get(run=run).outcome == "handed_back"


def test_a_step_that_does_not_end_within_the_grace_is_handed_back_too(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, finish = threading.Event(), threading.Event()
    with_tool(monkeypatch, "test.stuck", lambda _given, _call: begun.set() or finish.wait(20), pure=False)
    run = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.stuck"})))
    worker = make_worker("first", stop_grace=timedelta(milliseconds=100))
    worker.drain()
    assert begun.wait(10)

    worker.stop()

    assert state_of(run) == "queued"
    finish.set()
