"""The heartbeat keeps leases, notices lost ones, and outlives whatever happens to it."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from tasks_app import queue
from tasks_app.execution.definitions import Definitions
from tasks_app.execution.heartbeat import Heartbeat
from tasks_app.execution.held import HeldRun, Interruption
from tasks_app.execution.presence import Presence
from tasks_app.models import Run
from tests.integration.execution.conftest import until
from tests.integration.execution.work import Gate, MakeWorker, pipeline, state_of, with_tool
from tests.making import LEASE, claim_one, expire, make_run, make_task

pytestmark = pytest.mark.django_db(transaction=True)

SHORT = timedelta(milliseconds=20)


def new_heartbeat(*, every: timedelta, lease: timedelta) -> Heartbeat:
    return Heartbeat(every=every, lease=lease, presence=Presence(name=f"worker {uuid.uuid4()}", threads=1))


@pytest.fixture
def started() -> Iterator[Callable[..., Heartbeat]]:
    made = []

    def make(*, every: timedelta = SHORT, lease: timedelta = LEASE) -> Heartbeat:
        made.append(new_heartbeat(every=every, lease=lease))
        made[-1].start()
        return made[-1]

    yield make
    for heartbeat in made:
        heartbeat.stop()
        assert not heartbeat._thread.is_alive()


def held_run() -> HeldRun:
    run = make_run()
    claimed = claim_one()
    assert claimed.id == run.pk
    definition = Definitions().of([(claimed.task, claimed.task_version)])[claimed.task, claimed.task_version]
    return HeldRun(claimed, definition, {}, trusted_until=0.0)


def lease_until(run: HeldRun) -> Any:
    return Run.objects.values_list("lease_until", flat=True).get(pk=run.claimed.id)


def test_a_renewal_prolongs_the_lease_and_the_trust_in_it() -> None:
    heartbeat, run = new_heartbeat(every=SHORT, lease=LEASE), held_run()
    before, sent = lease_until(run), time.monotonic()
    heartbeat.watch(run)

    assert heartbeat.beat_once() == 0

    assert lease_until(run) > before
    assert sent + 25 <= run.trusted_until <= time.monotonic() + 25
    assert run.may_go_on()


def test_trust_in_a_lease_ends_well_before_the_lease() -> None:
    assert new_heartbeat(every=SHORT, lease=timedelta(seconds=30)).trust_from(100.0) == 125.0
    assert new_heartbeat(every=SHORT, lease=timedelta(seconds=6)).trust_from(100.0) == 105.0
    assert new_heartbeat(every=SHORT, lease=timedelta(minutes=5)).trust_from(100.0) == 395.0


def test_nothing_held_asks_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert new_heartbeat(every=SHORT, lease=LEASE).beat_once() == 0


@pytest.mark.parametrize("loss", ["expired", "reaped and claimed again", "canceled", "finished"])
def test_a_lost_lease_interrupts_its_run_and_no_other(loss: str) -> None:
    heartbeat, lost, kept = new_heartbeat(every=SHORT, lease=LEASE), held_run(), held_run()
    heartbeat.watch(lost)
    heartbeat.watch(kept)
    if loss == "canceled":
        queue.cancel([lost.claimed.id], reason="enough")
    elif loss == "finished":
        queue.apply(queue.succeed(lost.lease))
    else:
        expire(lost.lease)
    if loss == "reaped and claimed again":
        queue.reap(limit=10)
        assert claim_one("other").id == lost.claimed.id

    assert heartbeat.beat_once() == 1

    assert (lost.interruption, kept.interruption) == (Interruption.LEASE_LOST, None)


def test_what_was_forgotten_while_it_was_being_renewed_is_not_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeat, run = new_heartbeat(every=SHORT, lease=LEASE), held_run()
    heartbeat.watch(run)

    def finish_meanwhile(_leases: object, **_: object) -> queue.Renewal:
        heartbeat.forget(run)
        return queue.Renewal(set(), {run.claimed.id})

    monkeypatch.setattr(queue, "renew", finish_meanwhile)

    assert heartbeat.beat_once() == 0
    assert run.interruption is None


def test_a_run_that_was_being_moved_is_neither_trusted_longer_nor_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeat, run = new_heartbeat(every=SHORT, lease=LEASE), held_run()
    heartbeat.watch(run)
    monkeypatch.setattr(queue, "renew", lambda _leases, **_: queue.Renewal(set(), set()))

    assert heartbeat.beat_once() == 0
    assert (run.interruption, run.trusted_until) == (None, 0.0)


def test_forgetting_an_earlier_lease_keeps_the_newer_one_of_the_same_run() -> None:
    heartbeat, run = new_heartbeat(every=SHORT, lease=LEASE), held_run()
    newer = HeldRun(run.claimed, run.definition, {}, trusted_until=0.0)
    heartbeat.watch(run)
    heartbeat.watch(newer)

    heartbeat.forget(run)

    assert heartbeat.held() == [newer]


@pytest.mark.parametrize("failure", [OperationalError("gone"), RuntimeError("a fault of ours")])
def test_a_heartbeat_goes_on_after_a_failure(
    started: Callable[..., Heartbeat], monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    renew, failed = queue.renew, threading.Event()

    def once(leases: Any, *, lease: timedelta) -> Any:
        if not failed.is_set():
            failed.set()
            raise failure
        return renew(leases, lease=lease)

    monkeypatch.setattr(queue, "renew", once)
    run = held_run()
    started().watch(run)

    until(lambda: run.trusted_until > 0)
    assert failed.is_set()


def test_a_run_whose_lease_cannot_be_renewed_in_time_starts_no_further_effect(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Postgres fails the heartbeat alone: this process must stop by its own clock, before the lease ends."""
    gate, calls = Gate(), []
    with_tool(monkeypatch, "test.gate", gate, pure=False)
    with_tool(monkeypatch, "test.effect", lambda _given, call: calls.append(call.step), pure=False)
    run = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.gate"}, {"id": "b", "uses": "test.effect"})))

    def gone(_leases: object, **_: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(queue, "renew", gone)
    worker = make_worker(lease=timedelta(seconds=1), heartbeat=timedelta(milliseconds=50))
    worker.drain()
    assert gate.begun.wait(10)
    [held] = worker._heartbeat.held()
    until(lambda: time.monotonic() > held.trusted_until)
    gate.finish.set()
    until(lambda: not worker._heartbeat.held())

    assert calls == []
    assert state_of(run) == "running", "nobody has taken it back yet"


def test_a_lease_of_a_few_seconds_still_lets_effects_begin(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_tool(monkeypatch, "test.effect", lambda _given, _call: {"done": True}, pure=False)
    run = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.effect"})))

    make_worker(lease=timedelta(seconds=4), heartbeat=timedelta(seconds=1)).drain()

    until(lambda: state_of(run) == "succeeded")
