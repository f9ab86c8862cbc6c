"""Runs that were lost before begin under the eyes of the database, and at their last chance alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from tasks_app import queue
from tasks_app.models import Attempt, Run
from tests.integration.execution.conftest import until
from tests.integration.execution.work import Gate, MakeWorker, pipeline, state_of, with_tool
from tests.making import attempts_of, make_run, make_task

pytestmark = pytest.mark.django_db(transaction=True)
NAP = {"id": "a", "uses": "system.sleep", "with": {"seconds": 3}}


def suspect(*steps: dict[str, object], losses: int) -> Run:
    run = make_run(make_task(payload=pipeline(*steps or [{"id": "a", "uses": "noop"}])))
    Run.objects.filter(pk=run.pk).update(losses=losses)
    return run


@pytest.mark.parametrize("losses", [1, 2])
def test_that_a_suspect_begins_is_recorded_first(
    losses: int, make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    run = suspect({"id": "a", "uses": "test.look"}, losses=losses)
    with_tool(monkeypatch, "test.look", lambda _given, _call: seen.append(fence()), pure=False)

    def fence() -> int:
        from django.db import connection

        begun = Run.objects.values_list("begun_fence", flat=True).get(pk=run.pk)
        connection.close()
        return int(begun or 0)

    make_worker().drain()
    until(lambda: state_of(run) == "succeeded")

    assert seen == [1]


def test_one_at_its_last_chance_is_alone_and_the_others_go_on_afterwards(make_worker: MakeWorker) -> None:
    others = [make_run(make_task(payload=pipeline(NAP))) for _ in range(3)]
    worker = make_worker(stop_grace=timedelta(milliseconds=100), poll=timedelta(milliseconds=50))
    until(lambda: {state_of(run) for run in others} == {"running"})

    last_chance = suspect(losses=2)
    until(lambda: state_of(last_chance) == "succeeded")
    until(lambda: {state_of(run) for run in others} == {"succeeded"}, seconds=15)

    assert Attempt.objects.filter(run__in=others, outcome="handed_back").count() == 3
    [alone] = attempts_of(last_chance)
    before = Attempt.objects.filter(run__in=others, number=1)
    after = [attempts_of(run)[1] for run in others]
    assert all(attempt.finished_at < alone.finished_at for attempt in before)
    assert all(attempt.started_at > alone.finished_at for attempt in after)
    worker.stop()


def test_of_many_at_their_last_chance_a_worker_holds_one_at_a_time_and_claims_each_once(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    with_tool(monkeypatch, "test.look", lambda _given, _call: held.append(len(worker._heartbeat.held())), pure=False)
    suspects = [suspect({"id": "a", "uses": "test.look"}, losses=2) for _ in range(5)]
    bystander = make_run(make_task(payload=pipeline({"id": "a", "uses": "noop"})))

    worker = make_worker(poll=timedelta(minutes=5))
    worker.drain()
    until(lambda: {state_of(run) for run in [*suspects, bystander]} == {"succeeded"})

    assert held == [1] * 5
    assert not Attempt.objects.exists(), "none was handed back"


def test_where_a_thread_does_not_come_back_nobody_can_be_alone_and_the_process_ends(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    with_tool(monkeypatch, "test.gate", gate, pure=False)
    deaf = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.gate"})))
    worker = make_worker(stop_grace=timedelta(milliseconds=100), poll=timedelta(milliseconds=50))
    assert gate.begun.wait(10)

    last_chance = suspect(losses=2)
    until(worker._stopped.is_set)

    assert (state_of(last_chance), state_of(deaf)) == ("queued", "queued")
    assert Run.objects.get(pk=last_chance.pk).begun_fence is None
    gate.finish.set()


def test_a_suspect_that_is_canceled_while_it_waits_never_begins(make_worker: MakeWorker) -> None:
    busy = [suspect(NAP, losses=1) for _ in range(16)]
    worker = make_worker(worker_threads=20, poll=timedelta(milliseconds=50))
    until(lambda: {state_of(run) for run in busy} == {"running"})
    waiting = suspect(losses=1)
    until(lambda: worker._suspects.waiting == 1)
    assert state_of(waiting) == "running"

    queue.cancel([waiting.pk], reason="enough")
    until(lambda: {state_of(run) for run in busy} == {"succeeded"})
    until(lambda: not worker._heartbeat.held())

    assert Run.objects.get(pk=waiting.pk).begun_fence is None
    assert state_of(waiting) == "canceled"


def test_suspects_that_wait_are_handed_back_when_the_worker_stops(make_worker: MakeWorker) -> None:
    busy = [suspect(NAP, losses=1) for _ in range(16)]
    worker = make_worker(worker_threads=20, poll=timedelta(milliseconds=50), stop_grace=timedelta(milliseconds=100))
    until(lambda: {state_of(run) for run in busy} == {"running"})
    waiting = suspect(losses=1)
    until(lambda: worker._suspects.waiting == 1)

    worker.stop()

    assert state_of(waiting) == "queued"
    assert Attempt.objects.get(run=waiting).outcome == "handed_back"


def test_a_suspect_whose_beginning_could_not_be_recorded_begins_a_round_later(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, asked, begin = suspect(losses=1), [], queue.begin_suspects

    def fail_once(leases: Any) -> Any:
        asked.append(leases)
        if len(asked) == 1:
            raise OperationalError("cut")
        return begin(leases)

    monkeypatch.setattr(queue, "begin_suspects", fail_once)
    make_worker().drain()
    until(lambda: state_of(run) == "succeeded")

    assert len(asked) == 2
    assert len(attempts_of(run)) == 1
