"""Postgres goes away in the middle of everything: the worker goes on when it is back, nothing lost, nothing twice."""

import itertools
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from pipelines import ToolCall
from tasks_app import queue
from tasks_app.execution import definitions, doubt, worker
from tasks_app.maintenance import promote
from tasks_app.models import Attempt, Run
from tests.integration.execution.conftest import until
from tests.integration.execution.work import Gate, MakeWorker, pipeline, state_of, with_tool
from tests.making import attempts_of, events_of, make_run, make_task, steps_of, told

pytestmark = pytest.mark.django_db(transaction=True)


def terminate_others() -> int:
    """End every other connection to this database, as a restart would."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def test_a_worker_whose_connections_were_cut_while_a_step_ran_records_it_once(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    with_tool(monkeypatch, "test.gate", gate, pure=False)
    run = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.gate"}, {"id": "b", "uses": "debug.echo"})))
    worker_ = make_worker(heartbeat=timedelta(milliseconds=20))
    worker_.drain()
    assert gate.begun.wait(10)

    assert terminate_others() >= 1
    gate.finish.set()
    until(lambda: state_of(run) == "succeeded")

    assert events_of(run) == [
        "run.queued", "run.started", "run.step_succeeded", "run.step_succeeded", "run.succeeded",
    ]  # fmt: skip
    run.refresh_from_db()
    assert (run.attempt, run.losses) == (1, 0)


def test_under_a_hail_of_cut_connections_every_run_is_done_once(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Counter[str] = Counter()

    def count(_given: object, call: ToolCall) -> None:
        calls[call.run_id] += 1

    with_tool(monkeypatch, "test.count", count, pure=False)
    task = make_task(payload=pipeline({"id": "a", "uses": "test.count"}, {"id": "b", "uses": "test.count"}))
    new = queue.NewRun(task=task.pk, task_version=1, agent=task.created_by_id, priority=5, trigger="run_now")  # type: ignore[arg-type]
    runs = queue.enqueue([new] * 150)
    monkeypatch.setattr(worker, "PAUSE_WITHOUT_POSTGRES", 0.02)
    make_worker(poll=timedelta(milliseconds=20), heartbeat=timedelta(milliseconds=50))

    pauses = itertools.count(0.05, 0.005)  # longer and longer: on a slow machine a run takes more than the first

    def hail() -> bool:
        terminate_others()
        threading.Event().wait(next(pauses))
        return not Run.objects.unfinished().filter(state="queued").exists()

    def all_ended() -> bool:
        promote.run_once()  # what nobody could be asked about waits for a few seconds
        return not Run.objects.unfinished().exists()

    until(hail, seconds=50)
    until(all_ended, seconds=50)

    assert Run.objects.filter(state="succeeded", losses=0).count() == len(runs) == 150
    assert len(steps_of()) == 300
    assert set(calls.values()) == {2}
    assert len(told("run.step_succeeded")) == 300


def test_runs_that_were_claimed_when_postgres_went_away_are_begun_when_it_is_back(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, failures = definitions.Definitions._load, iter([OperationalError("gone"), OperationalError("gone")])

    def failing(self: definitions.Definitions, unknown: Any) -> None:
        if failure := next(failures, None):
            raise failure
        load(self, unknown)

    monkeypatch.setattr(definitions.Definitions, "_load", failing)
    monkeypatch.setattr(worker, "PAUSE_WITHOUT_POSTGRES", 0.01)
    runs = [make_run() for _ in range(3)]

    make_worker().drain()
    until(lambda: all(state_of(run) == "succeeded" for run in runs))

    assert Run.objects.filter(attempt=1, losses=0).count() == 3


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_commit_whose_outcome_is_unknown_is_neither_lost_nor_said_twice(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    gate = Gate()
    with_tool(monkeypatch, "test.gate", gate, pure=False)
    run = make_run(
        make_task(
            payload=pipeline({"id": "x", "uses": "debug.echo"}, {"id": "a", "uses": "test.gate"}, {"uses": "noop"})
        )
    )
    worker_ = make_worker()
    worker_.drain()
    assert gate.begun.wait(10)
    atomic, failing = transaction.atomic, threading.Event()
    failing.set()

    @contextmanager
    def unsure() -> Iterator[None]:
        if when == "before" and failing.is_set():
            failing.clear()
            raise OperationalError("lost before the commit")
        with atomic():
            yield
        if when == "after" and failing.is_set():
            failing.clear()
            raise OperationalError("lost after the commit")

    monkeypatch.setattr(worker, "PAUSE_WITHOUT_POSTGRES", 0.01)
    monkeypatch.setattr(worker.transaction, "atomic", unsure)
    gate.finish.set()
    until(lambda: state_of(run) == "succeeded")
    monkeypatch.undo()

    assert not failing.is_set()
    assert events_of(run) == ["run.queued", "run.started", *["run.step_succeeded"] * 3, "run.succeeded"]
    assert [step.step for step in steps_of(run)] == ["x", "a", "step_3"]


def test_a_claim_whose_answer_was_lost_waits_for_no_lease(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    atomic, failing = transaction.atomic, threading.Event()

    @contextmanager
    def unsure() -> Iterator[None]:
        with atomic():
            yield
        if failing.is_set():
            failing.clear()
            raise OperationalError("lost after the commit")

    monkeypatch.setattr(worker, "PAUSE_WITHOUT_POSTGRES", 0.01)
    worker_ = make_worker(poll=timedelta(minutes=5))
    worker_.drain()
    gate = Gate()
    with_tool(monkeypatch, "test.gate", gate, pure=False)
    held = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.gate"})))
    worker_.drain()
    assert gate.begun.wait(10)
    monkeypatch.setattr(worker.transaction, "atomic", unsure)
    failing.set()
    run = make_run()

    worker_.drain()
    until(lambda: state_of(run) == "succeeded")
    gate.finish.set()
    until(lambda: state_of(held) == "succeeded")

    assert not failing.is_set()
    assert events_of(run).count("run.started") == 2
    assert (Run.objects.get(pk=run.pk).losses, [each.outcome for each in Attempt.objects.filter(run_id=run.pk)]) == (
        0, ["handed_back"],
    )  # fmt: skip
    assert Run.objects.get(pk=held.pk).attempt == 1, "what it knows of is left alone"


def test_a_worker_that_is_stopped_without_a_database_ends_all_the_same(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    with_tool(monkeypatch, "test.gate", gate, pure=False)
    run = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.gate"})))
    worker_ = make_worker(stop_grace=timedelta(milliseconds=50))
    worker_.drain()
    assert gate.begun.wait(10)
    move = queue.move

    def gone(_moves: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(worker, "_LAST_WORDS", 0.05)
    monkeypatch.setattr(worker, "PAUSE_WITHOUT_POSTGRES", 0.01)
    monkeypatch.setattr(queue, "move", gone)

    worker_.stop()

    assert state_of(run) == "running"
    dead = worker_._slot.take("the next one in its place", pid=1)
    assert dead
    assert [seat.lease.run_id for seat in dead.begun] == [run.pk], "which puts it back"
    monkeypatch.setattr(queue, "move", move)
    gate.finish.set()
    until(lambda: not worker_._dispatcher.is_alive())


def test_a_worker_does_not_end_before_it_knows_what_became_of_its_last_claim(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    atomic, stop, hand_back = transaction.atomic, threading.Event(), doubt._hand_back_unknown
    failures = iter([OperationalError("still gone")])

    @contextmanager
    def unsure() -> Iterator[None]:
        with atomic():
            yield
        if not stop.is_set():
            stop.set()
            raise OperationalError("lost after the commit")

    def fragile(**asked: Any) -> int:
        if failure := next(failures, None):
            raise failure
        return hand_back(**asked)

    run = make_run()
    monkeypatch.setattr(worker, "PAUSE_WITHOUT_POSTGRES", 0.01)
    monkeypatch.setattr(worker.transaction, "atomic", unsure)
    monkeypatch.setattr(doubt, "_hand_back_unknown", fragile)

    worker_ = make_worker(stop_requested=stop.is_set)
    until(lambda: not worker_._dispatcher.is_alive())

    assert events_of(run) == ["run.queued", "run.started", "run.queued"]
    worker_.stop()
    assert worker_._slot.pid == 0, "nothing is left of it"


def test_a_worker_whose_postgres_only_reads_since_a_failover_goes_on_at_the_new_primary(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    with_tool(monkeypatch, "test.gate", gate, pure=False)
    run = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.gate"})))
    worker_ = make_worker()
    worker_.drain()
    assert gate.begun.wait(10)
    atomic, former = transaction.atomic, []

    @contextmanager
    def at_former_primary() -> Iterator[None]:
        connection.ensure_connection()
        if not former or former[0] is connection.connection:
            former[:] = [connection.connection]
            with connection.cursor() as cursor:
                cursor.execute("SET default_transaction_read_only = on")
        with atomic():
            yield

    monkeypatch.setattr(worker, "PAUSE_WITHOUT_POSTGRES", 0.01)
    monkeypatch.setattr(worker.transaction, "atomic", at_former_primary)
    gate.finish.set()
    until(lambda: state_of(run) == "succeeded")

    assert former
    assert [attempt.outcome for attempt in attempts_of(run)] == ["succeeded"]


def test_a_hint_that_met_no_postgres_is_followed_when_it_is_back(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker_ = make_worker(poll=timedelta(minutes=5))
    worker_.drain()
    claim, failures = queue.claim, iter([OperationalError("gone")])

    def fragile(**wanted: Any) -> Any:
        if failure := next(failures, None):
            raise failure
        return claim(**wanted)

    monkeypatch.setattr(queue, "claim", fragile)
    monkeypatch.setattr(worker, "PAUSE_WITHOUT_POSTGRES", 0.01)
    run = make_run()

    worker_.drain()

    until(lambda: state_of(run) == "succeeded")


def test_a_fault_of_ours_in_a_claim_is_survived(make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    claim, failed = queue.claim, threading.Event()

    def fragile(**wanted: Any) -> Any:
        if not failed.is_set():
            failed.set()
            raise RuntimeError("a fault of ours")
        return claim(**wanted)

    monkeypatch.setattr(queue, "claim", fragile)
    run = make_run()

    make_worker(poll=timedelta(milliseconds=10))

    until(lambda: state_of(run) == "succeeded")
    assert failed.is_set()


def test_postgres_going_away_while_moves_are_written_one_by_one_loses_none(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    move, failures = queue.move, iter([TypeError("not JSON"), OperationalError("gone"), TypeError("not JSON")])

    def fragile(moves: Any) -> Any:
        if failure := next(failures, None):
            raise failure
        return move(moves)

    monkeypatch.setattr(queue, "move", fragile)
    monkeypatch.setattr(worker, "PAUSE_WITHOUT_POSTGRES", 0.01)
    runs = [make_run() for _ in range(3)]

    make_worker().drain()

    until(lambda: all(state_of(run) == "succeeded" for run in runs))
    assert len(steps_of()) == 3
    assert not Attempt.objects.exists()
