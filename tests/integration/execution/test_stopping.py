"""A worker that stops hands back what it cannot finish, and leaves nothing waiting for ever."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction

from tasks_app.execution.inbox import Wanted
from tasks_app.models import Attempt
from tests.integration.execution.conftest import until
from tests.integration.execution.work import Gate, MakeWorker, pipeline, state_of, with_tool
from tests.making import attempts_of, events_of, make_run, make_task, steps_of, told

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
    assert [(step.step, step.state) for step in steps_of()] == [("a", "succeeded")]
    assert attempts_of(run)[-1].outcome == "handed_back"


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


def test_a_drain_that_comes_after_the_end_answers_at_once(make_worker: MakeWorker) -> None:
    worker = make_worker()
    worker.stop()
    until(lambda: not worker._dispatcher.is_alive())
    late = threading.Thread(target=worker.drain, daemon=True)

    late.start()
    late.join(5)

    assert not late.is_alive()


def test_a_drain_under_way_answers_when_the_worker_stops(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    with_tool(monkeypatch, "test.gate", gate, pure=False)
    make_run(make_task(payload=pipeline({"id": "a", "uses": "test.gate"})))
    worker = make_worker(worker_threads=1)
    make_run()
    draining = threading.Thread(target=worker.drain, daemon=True)
    draining.start()
    assert gate.begun.wait(10)

    gate.finish.set()
    worker.stop()
    draining.join(5)

    assert not draining.is_alive()


def test_all_threads_end_even_the_one_whose_step_outlasted_the_worker(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    with_tool(monkeypatch, "test.gate", gate, pure=False)
    run = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.gate"}, {"id": "b", "uses": "test.gate"})))
    worker = make_worker(stop_grace=timedelta(milliseconds=50))
    worker.drain()
    assert gate.begun.wait(10)

    worker.stop()
    assert state_of(run) == "queued"
    gate.finish.set()
    for thread in [*worker._crew._threads, worker._ticker._thread, worker._dispatcher, worker._heartbeat._thread]:
        thread.join(5)
        assert not thread.is_alive()

    assert list(Attempt.objects.values_list("outcome", flat=True)) == ["handed_back"]
    assert not steps_of()


def test_a_step_that_ends_just_as_its_run_is_handed_back_is_recorded_once(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checkpoint and the hand-back meet in one batch: one statement must not make both moves."""
    gate = Gate()
    with_tool(monkeypatch, "test.gate", gate, pure=False)
    run = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.gate"}, {"id": "b", "uses": "test.gate"})))
    bystander = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.gate"})))
    worker = make_worker(stop_grace=timedelta(milliseconds=50))
    worker.drain()
    assert gate.begun.wait(10)
    take, both = worker._inbox.take, threading.Event()

    def together() -> list[Wanted]:
        if len(worker._inbox._coming) >= 2 and not both.is_set():
            gate.finish.set()  # the hand-backs are there: let the checkpoints join them
            until(lambda: len(worker._inbox._coming) >= 4)
            both.set()
        return take()

    monkeypatch.setattr(worker._inbox, "take", together)
    worker.stop()

    assert both.is_set()
    assert (state_of(run), state_of(bystander)) == ("queued", "queued")
    assert set(events_of(run)) <= {"run.queued", "run.started", "run.step_succeeded"}
    seqs = [event.seq for event in told(aggregate_id=run.pk)]
    assert seqs == list(range(1, len(seqs) + 1))


def test_a_worker_that_is_asked_to_stop_ends_without_being_told_twice(make_worker: MakeWorker) -> None:
    asked = threading.Event()
    worker = make_worker(stop_requested=asked.is_set)

    asked.set()

    until(lambda: not worker._dispatcher.is_alive())
    assert make_run().state == "queued"


def test_runs_that_wait_for_a_thread_are_handed_back_at_once(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    with_tool(monkeypatch, "test.gate", gate, pure=True)
    task = make_task(payload=pipeline({"id": "a", "uses": "test.gate"}))
    monkeypatch.setattr("tasks_app.execution.worker.HAND_BACK_AFTER", 60)
    worker = make_worker(worker_threads=1, stop_grace=timedelta(milliseconds=50), poll=timedelta(minutes=5))
    monkeypatch.setattr(worker._intake, "_threads", 3)
    with transaction.atomic():  # all or none: where one waits behind another, a look claims no third
        runs = [make_run(task) for _ in range(3)]
    threading.Thread(target=worker.drain, daemon=True).start()
    until(lambda: worker._crew.backlog == 2)

    worker.stop()

    assert [state_of(run) for run in runs] == ["queued"] * 3
    assert Attempt.objects.filter(outcome="handed_back").count() == 3
    gate.finish.set()
