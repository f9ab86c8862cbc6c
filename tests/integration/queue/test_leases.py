"""A lease is kept by renewing it, lost by silence and ended by a cancel."""

from collections.abc import Callable

import pytest

from tasks_app import queue
from tasks_app.models import Run
from tasks_app.models.run import Lease
from tests.making import LEASE, attempts_of, claim, claim_one, events_of, expire, make_run, make_task, the_event

pytestmark = pytest.mark.django_db


def test_a_lease_is_renewed_only_for_its_holder_and_only_before_it_ends() -> None:
    task = make_task()
    for _ in range(3):
        make_run(task)
    held, stolen, expired = (run.lease for run in claim())
    Run.objects.filter(pk=stolen.run_id).update(fence=99)
    expire(expired)
    before = dict(Run.objects.values_list("pk", "lease_until"))

    renewed = queue.renew([held, stolen, expired], lease=LEASE)

    assert renewed == queue.Renewal({held.run_id}, {stolen.run_id, expired.run_id})
    after = dict(Run.objects.values_list("pk", "lease_until"))
    assert [run for run in before if before[run] != after[run]] == [held.run_id]


@pytest.mark.parametrize("move", [queue.succeed, queue.release, lambda lease: queue.park(lease, delay=1)])
def test_a_lease_that_was_given_up_is_not_renewed(move: Callable[[Lease], queue.Move]) -> None:
    run = make_run()
    lease = claim_one().lease
    queue.apply(move(lease))

    assert queue.renew([lease], lease=LEASE) == queue.Renewal(set(), {run.pk})
    run.refresh_from_db()
    assert run.lease_until is None


def test_a_run_whose_worker_is_silent_goes_back_to_the_queue() -> None:
    run = make_run()
    alive = make_run()
    lost, kept = claim()
    expire(lost.lease)

    assert queue.reap(limit=10) == ["queued"]

    run.refresh_from_db()
    assert (run.state, run.losses, run.error["code"]) == ("queued", 1, "worker_lost")
    assert attempts_of(run)[-1].outcome == "lost"
    assert Run.objects.get(pk=alive.pk).lease == kept.lease


def test_a_run_that_loses_its_third_worker_is_dead() -> None:
    run = make_run()
    for _ in range(3):
        expire(claim_one().lease)
        queue.reap(limit=10)

    run.refresh_from_db()
    assert (run.state, run.losses) == ("dead", 3)
    assert run.finished_at is not None
    assert events_of(run)[-1] == "run.failed"
    assert claim() == []


@pytest.mark.parametrize("state", ["queued", "running", "waiting"])
def test_an_unfinished_run_can_be_canceled_whoever_holds_it(state: str) -> None:
    run = make_run()
    if state != "queued":
        lease = claim_one().lease
        if state == "waiting":
            queue.apply(queue.park(lease, delay=60))

    assert queue.cancel([run.pk], reason="enough") == [run.pk]

    run.refresh_from_db()
    assert (run.state, run.waiting_for, run.error["message"]) == ("canceled", "", "enough")
    assert events_of(run)[-1] == "run.canceled"
    assert the_event("run.canceled").data["state_before"] == state


def test_a_finished_run_cannot_be_canceled() -> None:
    run = make_run()
    queue.apply(queue.succeed(claim_one().lease))

    assert queue.cancel([run.pk], reason="late") == []
    assert events_of(run)[-1] == "run.succeeded"
