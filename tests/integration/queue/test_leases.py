"""A lease is kept by renewing it, lost by silence and ended by a cancel."""

from collections.abc import Callable

import pytest

from tasks_app import queue
from tasks_app.models import Attempt, Run
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


def test_the_run_that_was_lost_longest_ago_is_put_back_first() -> None:
    runs = [make_run() for _ in range(3)]
    leases = {each.id: each.lease for each in claim()}
    longest, *others = (runs[nth] for nth in (1, 0, 2))
    for run in (longest, *others):
        expire(leases[run.pk])

    queue.reap(limit=1)

    assert list(Run.objects.filter(state="queued")) == [longest]


def test_a_run_that_loses_its_third_worker_is_dead() -> None:
    run = make_run()
    for _ in range(3):
        lease = claim_one().lease
        assert queue.begin_suspects([lease]) == {run.pk}
        expire(lease)
        queue.reap(limit=10)

    run.refresh_from_db()
    assert (run.state, run.losses) == ("dead", 3)
    assert run.finished_at is not None
    assert events_of(run)[-1] == "run.failed"
    assert claim() == []


def test_a_run_that_was_lost_before_is_not_blamed_again_unless_it_had_been_begun() -> None:
    run = make_run()
    expire(claim_one().lease)
    queue.reap(limit=10)
    queue.begin_suspects([claim_one().lease])
    queue.apply(queue.release(Run.objects.get(pk=run.pk).lease))

    for _ in range(5):
        expire(claim_one().lease)
        assert queue.reap(limit=10) == ["queued"]

    run.refresh_from_db()
    assert (run.state, run.losses) == ("queued", 1)
    assert Attempt.objects.filter(run=run, outcome="lost").count() == 6


def test_only_runs_under_a_lease_of_ours_begin_as_suspects_or_count_as_ours() -> None:
    ours, canceled, stale = make_run(), make_run(), make_run()
    leases = [each.lease for each in claim()]
    queue.cancel([canceled.pk], reason="enough")
    expire(Run.objects.get(pk=stale.pk).lease)
    queue.reap(limit=10)
    claim("another")

    assert queue.still_ours(leases) == queue.begin_suspects(leases) == {ours.pk}


def test_the_runs_of_a_dead_worker_are_put_back_at_once_and_only_the_blamed_one_is_counted() -> None:
    guilty, bystander, ended, elsewhere = (make_run() for _ in range(4))
    leases = {each.id: each.lease for each in claim("dead", limit=3)}
    [other] = claim("alive")
    queue.apply(queue.succeed(leases[ended.pk]))
    blame = [queue.Blame(leases[guilty.pk], "worker_stuck", "It was this one.")]

    assert queue.bury(worker="dead", blame=blame, message="It was another.") == ["queued", "queued"]

    found = {run.pk: run for run in Run.objects.all()}
    assert (found[guilty.pk].state, found[guilty.pk].losses) == ("queued", 1)
    assert found[guilty.pk].error["code"] == "worker_stuck"
    assert (found[bystander.pk].state, found[bystander.pk].losses) == ("queued", 0)
    assert found[bystander.pk].error["message"] == "It was another."
    assert (found[ended.pk].state, found[elsewhere.pk].lease) == ("succeeded", other.lease)
    assert set(Attempt.objects.exclude(run=ended).values_list("outcome", flat=True)) == {"lost"}
    assert events_of(guilty)[-1] == events_of(bystander)[-1] == "run.retried"


def test_a_run_that_was_stuck_beyond_its_time_is_timed_out_with_its_worker() -> None:
    run = make_run()
    blame = [queue.Blame(claim_one("dead").lease, "worker_stuck", "Too long.", timed_out=True)]

    assert queue.bury(worker="dead", blame=blame, message="") == ["timed_out"]

    run.refresh_from_db()
    assert (run.state, run.error["error_class"], attempts_of(run)[-1].outcome) == (
        "timed_out",
        "timeout",
        "timed_out",
    )
    assert events_of(run)[-1] == "run.timed_out"


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
