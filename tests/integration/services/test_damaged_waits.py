"""A run that waits and whose step log is damaged goes to a worker, which fails it; those that wait with it go on as ever."""

import pytest
from django.db import connection

from tasks_app import event_waits, queue, waits
from tasks_app.models import EventWait, Run, StepLog
from tasks_app.services import decisions
from tasks_app.services.actor import SYSTEM
from tasks_app.states import WaitingFor
from tests.making import claim, claim_one, events_of, make_run, step, the_step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

DAMAGES = {
    "number": '[["one", 1e5000]]',
    "too few fields": '[["one"]]',
    "no list": "7",
    "too deep": "[" * 2_000 + "]" * 2_000,
}
damages = pytest.mark.parametrize("log", DAMAGES.values(), ids=DAMAGES.keys())


def waiting(waiting_for: WaitingFor, *, delay: float = 60, given: object = None) -> Run:
    run = make_run()
    asked = step("ask", state="pending", input={} if given is None else given)
    queue.apply(queue.park(claim_one().lease, delay=delay, waiting_for=waiting_for, steps=[asked]))
    return run


def damage(run: Run, log: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tasks_steplog SET steps = %s WHERE run_id = %s", [log, run.pk])


def states_of(runs: list[Run]) -> list[str]:
    return [Run.objects.get(pk=run.pk).state for run in runs]


def code_of(run: Run) -> str | None:
    return (the_step(run).error or {}).get("code")


@damages
def test_when_its_time_is_over_it_is_let_go_and_the_others_are_told_so(log: str) -> None:
    runs = [waiting(WaitingFor.APPROVAL, delay=-1) for _ in range(3)]
    damage(runs[1], log)

    assert waits.expire(limit=10) == 3

    assert states_of(runs) == ["queued"] * 3
    assert [code_of(run) for run in (runs[0], runs[2])] == ["approval_timeout"] * 2
    assert events_of(runs[1])[-2:] == ["run.waiting", "run.queued"]
    assert StepLog.objects.filter(run=runs[1].pk).count() == 1


@damages
def test_when_its_event_has_come_it_is_let_go_and_the_others_go_on(log: str) -> None:
    runs = [waiting(WaitingFor.EVENT) for _ in range(3)]
    EventWait.objects.bulk_create(
        EventWait(run_id=run.pk, step="ask", agent=run.agent_id, pattern="a", event={"id": "1"}) for run in runs
    )
    damage(runs[1], log)

    assert event_waits.let_go() == 3

    assert states_of(runs) == ["queued"] * 3
    assert [the_step(run).output for run in (runs[0], runs[2])] == [{"id": "1"}] * 2
    assert not EventWait.objects.filter(taken=False).exists()


def test_a_step_that_was_given_what_makes_no_sense_is_taken_as_given_nothing() -> None:
    late, asked = waiting(WaitingFor.APPROVAL, delay=-1, given=7), waiting(WaitingFor.APPROVAL, given="yes")

    assert waits.expire(limit=10) == 1
    decisions.reject(asked, actor=SYSTEM)

    assert [code_of(run) for run in (late, asked)] == ["approval_timeout", "rejected"]


@damages
def test_of_many_runs_only_the_damaged_ones_cannot_be_read(log: str, caplog: pytest.LogCaptureFixture) -> None:
    runs = [make_run() for _ in range(9)]
    queue.move([queue.release(claimed.lease, steps=[step("one")]) for claimed in claim()])
    damage(runs[3], log)
    damage(runs[7], log)

    found = StepLog.objects.readable_of_runs([run.pk for run in runs])

    assert [found[run.pk] is None for run in runs] == [nth in (3, 7) for nth in range(9)]
    assert [str(run.pk) in caplog.text for run in runs] == [nth in (3, 7) for nth in range(9)]
