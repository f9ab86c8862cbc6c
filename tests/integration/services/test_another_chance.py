"""A run that went wrong gets another chance, and what it came to before stays on record."""

from collections.abc import Callable
from typing import Any

import pytest

from tasks_app import queue
from tasks_app.exceptions import IllegalMove
from tasks_app.models import Attempt, AuditEntry, Run, StepLog, Task
from tasks_app.models.clock import database_now
from tasks_app.models.run import Lease
from tasks_app.services import runs, tasks
from tasks_app.services.actor import SYSTEM, Actor
from tests.making import attempts_of, claim_one, events_of, expire, make_run, make_task, step, steps_of, the_event, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

ANNA = Actor.of_user("anna")
ERROR = {"error_class": "permanent", "code": "broken", "message": "It broke."}
STEPS = [step("a", output={"n": 1}), step("b", state="failed")]


def failed(lease: Lease) -> None:
    queue.apply(queue.fail(lease, error=ERROR, steps=STEPS))


def timed_out(lease: Lease) -> None:
    queue.apply(queue.time_out(lease, error=ERROR, steps=STEPS))


def dead(lease: Lease) -> None:
    queue.apply(queue.retry(lease, delay=0, error=ERROR, steps=STEPS))
    queue.promote(limit=1)
    for _ in range(3):
        lease = claim_one("lost").lease
        queue.begin_suspects([lease])
        expire(lease)
        queue.reap(limit=1)


def ended(end: Callable[[Lease], None] = failed, **fields: Any) -> Run:
    run = make_run(**fields)
    end(claim_one("first").lease)
    run.refresh_from_db()
    return run


@pytest.mark.parametrize(("end", "outcome"), [(failed, "failed"), (timed_out, "timed_out"), (dead, "lost")])
def test_it_is_queued_with_its_counters_at_zero_and_its_last_attempt_on_record(
    end: Callable[[Lease], None], outcome: str
) -> None:
    run = ended(end)
    before = run.attempt
    bystander = ended()

    retried = runs.retry(run, actor=ANNA)

    assert (retried.state, retried.failures, retried.losses, retried.finished_at) == ("queued", 0, 0, None)
    assert retried.error is None
    last = Attempt.objects.get(run=run, number=before)
    assert (last.outcome, last.finished_at is not None) == (outcome, True)
    assert claim_one("second").id == run.pk
    assert [each.number for each in attempts_of(run)] == list(range(1, before + 2))
    assert Run.objects.get(pk=bystander.pk).state == "failed"
    entry = AuditEntry.objects.get(action="run.retried")
    assert (entry.actor, entry.details) == ("user:anna", {"start_at": "failed_step"})


def test_what_was_done_counts_when_it_goes_on_at_the_failed_step() -> None:
    run = ended()

    runs.retry(run, actor=ANNA)

    assert {each.step: each.state for each in steps_of(run)} == {"a": "succeeded", "b": "failed"}
    event = told("run.queued", aggregate_id=run.pk)[-1]
    assert (event.data["trigger"], event.data["from"], event.data["state_before"]) == (
        "retried",
        "failed_step",
        "failed",
    )


def test_from_the_start_nothing_is_deleted_and_nothing_counts() -> None:
    run = ended()
    kept = StepLog.objects.filter(run=run).count()

    runs.retry(run, actor=ANNA, start_at="start")

    assert steps_of(run) == []
    assert StepLog.objects.filter(run=run).count() == kept + 1
    queue.apply(queue.succeed(claim_one().lease, steps=[step("a", output={"n": 2})]))
    assert [each.output for each in steps_of(run)] == [{"n": 2}]
    assert events_of(run)[-3:] == ["run.started", "run.step_succeeded", "run.succeeded"]


def test_it_can_go_wrong_and_be_retried_again() -> None:
    run = ended()
    for number in (2, 3):
        runs.retry(run, actor=ANNA)
        failed(claim_one().lease)
        assert [each.number for each in attempts_of(run)] == list(range(1, number + 1))


def test_a_run_of_a_lane_waits_for_its_turn_and_one_under_a_key_for_a_place() -> None:
    task = make_task()
    run = ended(task=task, lane="lane")
    make_run(task, lane="lane")

    assert runs.retry(run, actor=ANNA).state == "waiting"

    run.refresh_from_db()
    assert (run.waiting_for, run.takes_turn) == ("turn", True)
    assert events_of(run)[-1] == "run.waiting"


@pytest.mark.parametrize("state", ["queued", "running", "succeeded", "canceled"])
def test_any_other_run_is_refused(state: str) -> None:
    run = make_run()
    if state == "canceled":
        queue.cancel([run.pk], reason="enough")
    elif state != "queued":
        lease = claim_one().lease
        if state == "succeeded":
            queue.apply(queue.succeed(lease))

    with pytest.raises(IllegalMove, match=state):
        runs.retry(run, actor=ANNA)

    assert runs.redrive([run.pk], actor=ANNA, reason="x") == []
    assert Run.objects.get(pk=run.pk).state == state


def test_the_runs_of_a_canceled_task_stay_as_they_are() -> None:
    run = ended()
    tasks.cancel(run.task, actor=SYSTEM)

    with pytest.raises(IllegalMove, match="canceled"):
        runs.retry(run, actor=ANNA)

    assert runs.redrive([run.pk], actor=ANNA, reason="x") == []


def test_the_runs_of_a_task_that_is_deleted_meanwhile_stay_as_they_are() -> None:
    run = ended()
    Task.objects.filter(pk=run.task.pk).update(deleted_at=database_now())

    with pytest.raises(IllegalMove, match="deleted"):
        runs.retry(run, actor=ANNA)

    assert Run.objects.get(pk=run.pk).state == "failed"


def test_many_are_redriven_together_with_the_reason_on_record() -> None:
    first, second, fine = ended(), ended(dead), make_run()

    redriven = runs.redrive([first.pk, second.pk, fine.pk], actor=ANNA, reason="the bank is back")

    assert sorted(redriven) == sorted([first.pk, second.pk])
    data = told("run.queued", aggregate_id=first.pk)[-1].data
    assert (data["trigger"], data["reason"]) == ("redriven", "the bank is back")
    assert AuditEntry.objects.filter(action="run.redriven").count() == 2
    assert the_event("run.queued", aggregate_id=fine.pk).data["trigger"] == "run_now"
