"""Every move a run can make, with its events, its attempt and its refusals."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection

from tasks_app import moves, queue
from tasks_app.events.types import EventType
from tasks_app.exceptions import LeaseLost
from tasks_app.models import Attempt, Run, StepLog
from tasks_app.models.run import Lease
from tasks_app.states import FINISHED
from tests.making import (
    attempts_of,
    claim,
    claim_one,
    events_of,
    expire,
    make_run,
    make_task,
    step,
    steps_of,
    the_event,
    told,
)

pytestmark = pytest.mark.django_db

ERROR = {"error_class": "permanent", "code": "broken", "message": "It broke."}
ENDS: list[tuple[Callable[[Lease], queue.Move], str, str]] = [
    (queue.succeed, "succeeded", "run.succeeded"),
    (lambda lease: queue.fail(lease, error=ERROR), "failed", "run.failed"),
    (lambda lease: queue.time_out(lease, error=ERROR), "timed_out", "run.timed_out"),
    (lambda lease: queue.retry(lease, delay=60, error=ERROR), "waiting", "run.retried"),
    (lambda lease: queue.park(lease, delay=60), "waiting", "run.waiting"),
    (queue.release, "queued", "run.queued"),
]


def test_a_planned_run_is_queued_and_says_so() -> None:
    run = make_run()

    assert (run.state, run.attempt, run.fence) == ("queued", 0, 0)
    assert events_of(run) == ["run.queued"]


def test_a_claim_leases_the_run_and_counts_the_attempt() -> None:
    run = make_run()
    bystander = make_run()

    claimed = claim_one("me")
    run.refresh_from_db()

    assert claimed.lease == run.lease == Lease(run.pk, 1)
    assert (run.state, run.attempt, run.worker) == ("running", 1, "me")
    assert run.lease_until is not None
    assert run.claimed_at is not None
    assert run.started_at == claimed.started_at
    assert events_of(run) == ["run.queued", "run.started"]
    bystander.refresh_from_db()
    assert bystander.state == "queued"


def test_the_most_urgent_run_is_claimed_first_and_among_equals_the_oldest() -> None:
    task = make_task()
    low = make_run(task, priority=1)
    first, second = make_run(task, priority=5), make_run(task, priority=5)
    urgent = make_run(task, priority=9)

    order = [claim_one().id for _ in range(4)]

    assert order == [urgent.pk, first.pk, second.pk, low.pk]


def test_a_claim_takes_no_more_than_it_was_asked_for() -> None:
    task = make_task()
    for _ in range(7):
        make_run(task)

    assert len(claim(limit=3)) == 3
    assert len(claim(limit=30)) == 4


def test_a_claim_tells_the_worker_what_the_run_was_given() -> None:
    run = make_run(input={"params": {"city": "Chisinau"}}, request_id="abc")

    claimed = claim_one()

    assert claimed.id == run.pk
    assert claimed.input == {"params": {"city": "Chisinau"}}
    assert (claimed.task, claimed.agent, claimed.request_id) == (run.task_id, run.agent_id, "abc")
    assert claimed.waited_seconds >= 0


@pytest.mark.parametrize(("move", "state", "event"), ENDS, ids=[event for _, _, event in ENDS])
def test_an_attempt_ends_in_its_state_with_its_event_and_its_row(
    move: Callable[[Lease], queue.Move], state: str, event: str
) -> None:
    run = make_run()
    claimed = claim_one("me")

    queue.apply(move(claimed.lease))

    run.refresh_from_db()
    assert (run.state, run.lease_until) == (state, None)
    assert (run.finished_at is not None) == (state in FINISHED)
    assert events_of(run) == ["run.queued", "run.started", event]
    [attempt] = attempts_of(run)
    assert (attempt.number, attempt.worker, attempt.outcome) == (1, "me", move(claimed.lease).outcome)
    assert attempt.started_at == run.claimed_at


@pytest.mark.parametrize(("move", "state", "event"), ENDS, ids=[event for _, _, event in ENDS])
def test_a_worker_that_lost_its_lease_changes_nothing(
    move: Callable[[Lease], queue.Move], state: str, event: str
) -> None:
    run = make_run()
    slow = claim_one("slow")
    expire(slow.lease)
    assert queue.reap(limit=10) == ["queued"]
    fast = claim_one("fast")

    with pytest.raises(LeaseLost):
        queue.apply(move(slow.lease))
    assert queue.move([queue.checkpoint(slow.lease, steps=[step()])]) == set()

    run.refresh_from_db()
    assert (run.state, run.worker, run.fence) == ("running", "fast", fast.fence)
    assert not steps_of()
    assert events_of(run) == ["run.queued", "run.started", "run.retried", "run.started"]


def test_a_finished_run_cannot_be_ended_again() -> None:
    make_run()
    lease = claim_one().lease
    queue.apply(queue.succeed(lease))

    with pytest.raises(LeaseLost):
        queue.apply(queue.fail(lease, error=ERROR))


def test_many_runs_move_together_and_each_answers_for_itself() -> None:
    task = make_task()
    kept, lost = make_run(task), make_run(task)
    leases = {run.id: run.lease for run in claim()}
    queue.cancel([lost.pk], reason="enough")

    moved = queue.move([queue.succeed(leases[kept.pk]), queue.succeed(leases[lost.pk])])

    assert moved == {kept.pk}
    assert Run.objects.get(pk=lost.pk).state == "canceled"


def test_moves_with_large_results_are_made_in_parts_that_postgres_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "_PART_BYTES", 10_000)
    for _ in range(5):
        make_run()
    leases = [run.lease for run in claim()]
    large = [queue.succeed(lease, steps=[step(output="x" * size)]) for lease, size in zip(leases, LARGE, strict=True)]

    assert [part.count('"succeeded","size"') for part in moves.as_json(large)] == [1, 2, 1, 1]
    assert queue.move(large) == {lease.run_id for lease in leases}

    assert {run.state for run in Run.objects.all()} == {"succeeded"}
    assert len(steps_of()) == 5


LARGE = (20_000, 4_000, 4_000, 9_000, 20_000)


def test_of_large_results_one_part_is_held_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "_PART_BYTES", 10_000)
    written: list[queue.Move] = []
    as_row = moves._row
    monkeypatch.setattr(moves, "_row", lambda move: written.append(move) or as_row(move))  # type: ignore[func-returns-value]
    leases = [Lease(uuid4(), 1) for _ in range(5)]

    parts = moves.as_json([queue.succeed(lease, steps=[step(output="x" * 9_000)]) for lease in leases])

    assert [len(written) for _ in parts] == [2, 3, 4, 5, 5], "the first row of the next part tells where this one ends"


def test_steps_are_recorded_with_the_move_and_their_events_come_before_its_own() -> None:
    run = make_run()
    lease = claim_one().lease

    queue.apply(queue.succeed(lease, steps=[step("a", output={"n": 1}), step("b")]))

    recorded = StepLog.objects.of_run(run.pk)
    assert [(result.step, result.state, attempt, result.output) for result, attempt, _ in recorded] == [
        ("a", "succeeded", 1, {"n": 1}),
        ("b", "succeeded", 1, None),
    ]
    assert events_of(run) == [
        "run.queued", "run.started", "run.step_succeeded", "run.step_succeeded", "run.succeeded",
    ]  # fmt: skip


@pytest.mark.parametrize("forbidden", [[], ["hashjoin", "nestloop"], ["mergejoin", "nestloop"]], ids=str)
def test_ids_of_events_follow_the_order_within_their_aggregate_whatever_the_plan(forbidden: list[str]) -> None:
    task = make_task()
    runs = [make_run(task) for _ in range(100)]
    leases = [claimed.lease for claimed in claim()]
    steps = [step(f"s{nth}") for nth in range(1, 13)]
    with connection.cursor() as cursor:
        for way in forbidden:
            cursor.execute(f"SET LOCAL enable_{way} = off")
    queue.move([queue.succeed(lease, steps=steps) for lease in leases])

    for run in runs:
        assert [event.seq for event in told(aggregate_id=run.pk)] == list(range(1, 16))


def test_a_checkpoint_records_steps_of_a_run_that_goes_on() -> None:
    run = make_run()
    lease = claim_one().lease

    queue.apply(queue.checkpoint(lease, steps=[step("a")]))
    queue.apply(queue.succeed(lease, steps=[step("b")]))

    run.refresh_from_db()
    assert run.state == "succeeded"
    assert not Attempt.objects.exists()
    assert events_of(run) == [
        "run.queued", "run.started", "run.step_succeeded", "run.step_succeeded", "run.succeeded",
    ]  # fmt: skip


def test_a_step_that_failed_is_recorded_anew_when_it_succeeds() -> None:
    make_run()
    lease = claim_one().lease
    queue.apply(queue.checkpoint(lease, steps=[step(state="failed")]))

    queue.apply(queue.succeed(lease, steps=[step(output="done")]))

    [result] = steps_of()
    assert (result.state, result.output, result.error) == ("succeeded", "done", None)


def test_a_step_that_succeeded_keeps_its_first_result() -> None:
    make_run()
    lease = claim_one().lease
    queue.apply(queue.checkpoint(lease, steps=[step(output="first")]))

    queue.apply(queue.succeed(lease, steps=[step(output="second")]))

    assert steps_of()[0].output == "first"


def test_a_retry_waits_without_a_worker_until_its_time_has_come() -> None:
    run = make_run()
    queue.apply(queue.retry(claim_one().lease, delay=3600, error=ERROR))
    assert queue.promote(limit=10) == 0

    Run.objects.update(run_at="2020-01-01T00:00:00Z")
    assert queue.promote(limit=10) == 1

    run.refresh_from_db()
    assert (run.state, run.waiting_for, run.failures, run.error) == ("queued", "", 1, ERROR)
    assert claim_one().failures == 1


def test_a_step_that_waits_beside_others_is_told_of_when_it_begins_to() -> None:
    run = make_run()
    lease = claim_one().lease
    waits = step("nap", state="waiting")._replace(wait=600.0)

    queue.apply(queue.checkpoint(lease, steps=[waits]))
    queue.apply(queue.park(lease, delay=60, steps=[waits._replace(wait=550.0), step("pure")]))

    assert events_of(run) == ["run.queued", "run.started", "run.step_waiting", "run.step_succeeded", "run.waiting"]
    assert the_event("run.waiting", aggregate_id=run.pk).data["step"] == "nap"
    [kept] = [each for each in steps_of(run) if each.step == "nap"]
    assert kept.wait == 550.0


def test_a_step_that_waits_is_recorded_and_the_runs_own_event_tells_of_it() -> None:
    run = make_run()
    lease = claim_one().lease
    queue.apply(queue.checkpoint(lease, steps=[step("a"), step("b", state="waiting")]))
    queue.apply(queue.park(lease, delay=60))
    Run.objects.update(run_at="2020-01-01T00:00:00Z")
    queue.promote(limit=10)
    steps = [step("b"), step("c", state="skipped")]

    queue.apply(queue.succeed(claim_one().lease, steps=steps))

    assert [(result.step, result.state) for result in steps_of(run)] == [
        ("a", "succeeded"), ("b", "succeeded"), ("c", "skipped"),
    ]  # fmt: skip
    assert events_of(run) == [
        "run.queued", "run.started", "run.step_succeeded", "run.waiting", "run.queued", "run.started",
        "run.step_succeeded", "run.step_skipped", "run.succeeded",
    ]  # fmt: skip
    run.refresh_from_db()
    assert run.event_seq == 9
    assert set(events_of(run)) <= set(EventType.values)


def test_a_run_handed_back_is_claimed_again_at_once_without_counting_as_a_failure() -> None:
    make_run()
    first = claim_one("first")
    queue.apply(queue.release(first.lease))

    again = claim_one("second")

    assert (again.attempt, again.failures) == (2, 0)
    assert again.started_at == first.started_at, "a run has started once, however often it is claimed"


def test_one_instant_of_a_task_gets_one_run() -> None:
    task = make_task()
    make_run(task, scheduled_for=datetime(2026, 1, 1, tzinfo=UTC))

    with pytest.raises(ValueError, match="not enough values"):
        make_run(task, scheduled_for=datetime(2026, 1, 1, tzinfo=UTC))

    assert Run.objects.count() == 1
    assert len(told("run.queued")) == 1


@pytest.mark.parametrize("recorded", ["succeeded", "skipped"])
def test_a_step_that_is_done_stays_as_it_was_recorded_first(recorded: str) -> None:
    run = make_run()
    lease = claim_one().lease
    queue.apply(queue.checkpoint(lease, steps=[step(state=recorded, output=1)]))

    queue.apply(queue.succeed(lease, steps=[step(state="failed", output=2)]))

    [kept] = steps_of(run)
    assert (kept.state, kept.output) == (recorded, 1)


@pytest.mark.parametrize("recorded", ["failed", "begun"])
def test_of_a_step_that_is_not_done_the_last_record_counts(recorded: str) -> None:
    run = make_run()
    lease = claim_one().lease
    queue.apply(queue.checkpoint(lease, steps=[step(state=recorded, output=1)]))

    queue.apply(queue.succeed(lease, steps=[step(output=2)]))

    [kept] = steps_of(run)
    assert (kept.state, kept.output) == ("succeeded", 2)
