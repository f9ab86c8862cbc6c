"""Backfill: the instants of a window in the past get the runs that they missed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import ANY

import pytest

from tasks_app import admission, queue
from tasks_app.exceptions import IllegalMove, InvalidRequest
from tasks_app.models import AuditEntry, Run, SkippedOccurrence, Task
from tasks_app.models.clock import as_text, database_now
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM, Actor
from tasks_app.services.backfill import Backfill, backfill
from tests.making import claim_one, make_agent, make_run, make_task

pytestmark = pytest.mark.django_db

ACTOR = Actor("user:ann", request_id="req-7")
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 1, 5, tzinfo=UTC)
FIRST = START + timedelta(hours=1)


def hourly(**fields: Any) -> Task:
    return make_task(**({"schedule_kind": "interval", "schedule_expr": "PT1H"} | fields))


def filled(task: Task, *, start: datetime = FIRST, end: datetime = END, policy: str = "queue_all") -> Backfill:
    return backfill(task, actor=ACTOR, start=start, end=end, overlap_policy=policy)


def instants() -> list[datetime]:
    return list(Run.objects.order_by("scheduled_for").values_list("scheduled_for", flat=True))


def test_each_instant_from_the_beginning_to_the_end_gets_a_run_both_included() -> None:
    task = hourly(priority=7, version=3, concurrency_key="printer", concurrency_limit=2, dedupe_key="daily")

    made = filled(task)

    assert (made.runs, made.already) == (5, 0)
    assert instants() == [START + timedelta(hours=hour) for hour in range(1, 6)]
    for run in Run.objects.all():
        assert (run.trigger, run.backfill, run.priority, run.task_version) == ("backfill", made.id, 7, 3)
        assert (run.concurrency_key, run.concurrency_limit, run.request_id) == ("printer", 2, "req-7")
        assert run.dedupe_key == "", "what is made up for must not keep the schedule's next run from being made"
        assert run.run_at > END, "it is due from now on, not since its instant"
    note = AuditEntry.objects.get(object_id=task.pk)
    assert (note.action, note.actor) == ("task.backfill", "user:ann")
    assert note.details == {
        "backfill": str(made.id), "runs": 5, "from": as_text(FIRST), "to": as_text(END),
    }  # fmt: skip


def test_a_window_may_be_one_instant() -> None:
    assert filled(hourly(), start=END, end=END).runs == 1
    assert instants() == [END]


def test_its_runs_go_one_after_another_the_oldest_first() -> None:
    filled(hourly())
    order = []

    for _ in range(5):
        assert admission.admit(admission.overlooked(limit=10)) == 1
        run = claim_one()
        order.append(run.scheduled_for)
        queue.apply(queue.succeed(run.lease))

    assert order == instants()


def test_its_runs_go_together_when_that_is_asked_for() -> None:
    filled(hourly(), policy="allow")

    assert set(Run.objects.values_list("state", "lane")) == {("queued", "")}


def test_it_does_not_wait_for_the_tasks_own_runs_nor_they_for_it() -> None:
    task = hourly(overlap_policy="queue_all")
    make_run(task, lane=f"task:{task.pk}")
    filled(task)

    assert admission.admit(admission.overlooked(limit=10)) == 1


def test_asked_twice_an_instant_gets_one_run() -> None:
    task = hourly()
    make_run(task, scheduled_for=END)

    first, second = filled(task), filled(task, end=END + timedelta(hours=1))

    assert (first.runs, first.already) == (4, 1)
    assert (second.runs, second.already) == (1, 5)
    assert first.id != second.id
    assert filled(task) == Backfill(ANY, 0, 5)
    assert len(instants()) == 6


def test_the_ledger_keeps_what_it_says_of_an_instant() -> None:
    task = hourly()
    SkippedOccurrence.objects.create(task=task, scheduled_for=END, reason="paused")

    assert filled(task).runs == 5
    assert SkippedOccurrence.objects.get().reason == "paused"


def test_instants_that_the_clocks_left_out_get_no_run() -> None:
    task = make_task(
        schedule_kind="cron", schedule_expr="30 2 * * *", timezone="Europe/Berlin", dst_policy="skip",
    )  # fmt: skip

    made = filled(task, start=datetime(2026, 3, 28, tzinfo=UTC), end=datetime(2026, 3, 31, tzinfo=UTC))

    assert made.runs == 2
    assert [at.day for at in instants()] == [28, 30]


@pytest.mark.parametrize("status", ["active", "paused", "completed"])
def test_a_task_that_is_not_canceled_can_be_backfilled(status: str) -> None:
    assert filled(hourly(status=status)).runs == 5


def test_an_instant_that_has_come_but_was_not_looked_at_is_decided_on_by_the_schedule_first() -> None:
    now = database_now()
    due = now.replace(minute=0, second=0, microsecond=0)
    task = hourly(next_run_at=due)

    made = filled(task, start=due - timedelta(hours=1), end=due)

    assert (made.runs, made.already) == (1, 1)
    assert dict(Run.objects.values_list("scheduled_for", "trigger")) == {
        due: "schedule",
        due - timedelta(hours=1): "backfill",
    }


def test_a_canceled_task_is_not_backfilled() -> None:
    with pytest.raises(IllegalMove, match="canceled"):
        filled(hourly(status="canceled"))


def test_a_task_that_was_deleted_meanwhile_is_not_backfilled() -> None:
    task = hourly()
    tasks.delete(task, actor=SYSTEM)

    with pytest.raises(IllegalMove, match="deleted"):
        filled(task)


@pytest.mark.parametrize("kind", ["manual", "event", "condition"])
def test_a_task_without_instants_is_told_what_to_ask_instead(kind: str) -> None:
    with pytest.raises(IllegalMove, match="run_now"):
        filled(make_task(schedule_kind=kind))


def test_a_window_that_is_empty_or_not_past_is_refused_with_both_faults() -> None:
    future = database_now() + timedelta(hours=1)

    with pytest.raises(InvalidRequest) as refused:
        filled(hourly(), start=future + timedelta(seconds=1), end=future)

    assert [fault.pointer for fault in refused.value.faults] == ["/from", "/to"]


@pytest.mark.parametrize("start", [datetime(1, 1, 1, tzinfo=UTC), datetime(1899, 12, 31, tzinfo=UTC)])
def test_a_window_that_begins_before_the_zones_do_is_refused(start: datetime) -> None:
    with pytest.raises(InvalidRequest) as refused:
        filled(hourly(timezone="America/New_York", quiet_hours=[{"from": "00:00", "to": "01:00"}]), start=start)

    assert [fault.pointer for fault in refused.value.faults] == ["/from"]


def test_too_many_instants_are_refused_with_the_end_of_what_may_be_asked() -> None:
    task = hourly(schedule_expr="PT1S")
    end = START + timedelta(seconds=1001)

    with pytest.raises(InvalidRequest) as refused:
        filled(task, start=START + timedelta(seconds=1), end=end)

    [fault] = refused.value.faults
    last = START + timedelta(seconds=1000)
    assert fault.pointer == "/to"
    assert as_text(last) in fault.message
    assert not Run.objects.exists()
    assert filled(task, start=START + timedelta(seconds=1), end=last).runs == 1000
    assert filled(task, start=last, end=end).runs == 1


def test_a_window_of_withheld_instants_is_not_looked_at_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks_app.services.backfill._MOST_LOOKED_AT", 10)
    task = hourly(schedule_expr="PT1M", quiet_hours=[{"from": "00:00", "to": "23:00"}])

    with pytest.raises(InvalidRequest) as refused:
        filled(task)

    assert as_text(FIRST + timedelta(minutes=9)) in refused.value.faults[0].message


def test_a_schedule_that_no_longer_makes_sense_is_refused_with_its_fault() -> None:
    with pytest.raises(InvalidRequest) as refused:
        filled(hourly(timezone="Mars/Olympus_Mons"))

    assert [fault.pointer for fault in refused.value.faults] == ["/timezone"]


def test_it_is_paid_for_from_the_owners_budget_all_or_nothing() -> None:
    owner = make_agent()
    owner.runs_per_day = 7
    owner.save()
    task = hourly(created_by=owner)
    filled(task)

    with pytest.raises(IllegalMove, match=r"7 runs .* again from .*T00:00:00Z"):
        filled(task, end=END + timedelta(hours=3))

    assert len(instants()) == 5
    assert filled(task, end=END + timedelta(hours=2)).runs == 2
