"""A snooze puts one instant off; everything else of the task stays as it is."""

from datetime import timedelta

import pytest

from tasks_app.exceptions import IllegalMove
from tasks_app.models import AuditEntry, Run, SkippedOccurrence, Task
from tasks_app.models.clock import as_text, database_now
from tasks_app.services import backfill, snoozing, tasks
from tests.integration.services.snoozed import ACTOR, HOUR, MINUTE, after, hourly, let_pass, snooze
from tests.making import events_of, make_task, the_event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]


def test_the_next_instant_is_put_off_and_the_one_after_it_is_not() -> None:
    task = hourly()
    first = task.next_run_at
    assert first

    snooze(task, 10, reason="in a meeting")
    let_pass(task, 30 * MINUTE)
    before_it = after(task, start=first - 30 * MINUTE)
    let_pass(task, 10 * MINUTE)

    assert before_it == ([], [(0, "snoozed")])
    assert after(task, start=first - 40 * MINUTE) == ([10], [(0, "snoozed")])
    assert task.next_run_at == first + HOUR - 40 * MINUTE
    assert (task.snoozes, task.occurrences) == (None, 1)


def test_it_is_told_to_the_events_the_audit_and_the_ledger() -> None:
    task = hourly()
    first = task.next_run_at
    assert first

    snooze(task, 10, reason="in a meeting")

    told = {
        "at": as_text(first),
        "to": as_text(first + 10 * MINUTE),
        "delay_seconds": 600,
        "reason": "in a meeting",
    }
    event = the_event("task.snoozed")
    assert (event.data, event.agent, event.request_id) == (
        told | {"next_run_at": told["to"]},
        task.created_by_id,
        "req-7",
    )
    entry = AuditEntry.objects.get(action="task.snoozed")
    assert (entry.actor, entry.object_id, entry.details) == ("user:ann", task.pk, told)
    let_pass(task, 30 * MINUTE)
    row = SkippedOccurrence.objects.get(task=task)
    assert (row.reason, row.detail) == ("snoozed", "in a meeting")
    assert row.moved_to == row.scheduled_for + 10 * MINUTE


def test_twice_adds_up() -> None:
    task = hourly()
    first = task.next_run_at
    assert first

    snooze(task, 10)
    again = snooze(task, 15)

    assert again.next_run_at == first + 25 * MINUTE
    let_pass(task, 55 * MINUTE)
    assert after(task, start=first - 55 * MINUTE) == ([25], [(0, "snoozed")])


def test_put_off_again_after_its_own_time_has_passed_the_ledger_follows() -> None:
    task = hourly()
    snooze(task, 10)
    let_pass(task, 35 * MINUTE)

    snooze(task, 10)

    row = SkippedOccurrence.objects.get(task=task)
    assert row.moved_to == row.scheduled_for + 20 * MINUTE
    let_pass(task, 15 * MINUTE)
    assert after(task, start=row.scheduled_for - 15 * MINUTE) == ([20], [(0, "snoozed")])


def test_each_snooze_puts_the_one_off_that_would_come_first() -> None:
    task = hourly()
    first = task.next_run_at
    assert first

    assert snooze(task, 90).next_run_at == first + HOUR
    assert snooze(task, 90).next_run_at == first + 90 * MINUTE
    let_pass(task, 30 * MINUTE + 3 * HOUR)

    runs, ledger = after(task, start=first - 30 * MINUTE - 3 * HOUR)
    assert [reason for _, reason in ledger if reason == "snoozed"] == ["snoozed"] * 2
    assert sorted(runs + [minute for minute, reason in ledger if reason != "snoozed"]) == [90, 120, 150, 180]


def test_one_that_is_put_on_the_next_is_put_off_with_it() -> None:
    task = hourly()
    first = task.next_run_at
    assert first

    snooze(task, 60)
    both = snooze(task, 5)

    assert both.next_run_at == first + 65 * MINUTE
    let_pass(task, 30 * MINUTE + HOUR + 5 * MINUTE)
    assert after(task, start=first - 95 * MINUTE) == ([65], [(0, "snoozed"), (60, "snoozed")])


def test_a_snooze_that_names_its_instant_is_done_once() -> None:
    task = hourly()
    first = task.next_run_at
    assert first

    snooze(task, 10, at=first)
    again = snooze(task, 10, at=first)
    with pytest.raises(IllegalMove, match=r"The next instant is .*Z by now"):
        snooze(task, 20, at=first)

    assert again.next_run_at == first + 10 * MINUTE
    assert events_of(task) == ["task.snoozed"]
    let_pass(task, 41 * MINUTE)
    assert snooze(task, 10, at=first - 41 * MINUTE + HOUR).next_run_at == first - 41 * MINUTE + HOUR + 10 * MINUTE


@pytest.mark.parametrize("status", ["paused", "canceled", "completed"])
def test_a_task_that_is_not_active_is_not_snoozed(status: str) -> None:
    over = {"next_run_at": None} if status != "paused" else {}
    task = hourly(status=status, **over)

    with pytest.raises(IllegalMove, match=f"The task is {status}"):
        snooze(task, 10)


def test_a_task_without_a_next_instant_is_not_snoozed() -> None:
    with pytest.raises(IllegalMove, match="without a next instant"):
        snooze(make_task(), 10)


def test_a_deleted_task_is_not_snoozed() -> None:
    task = hourly()
    tasks.delete(task, actor=ACTOR)

    with pytest.raises(IllegalMove, match="deleted meanwhile"):
        snooze(task, 10)


def test_what_has_come_is_decided_on_before_the_next_is_put_off() -> None:
    now = database_now().replace(microsecond=0)
    task = hourly(next_run_at=now - 30 * MINUTE, planned_until=now - 90 * MINUTE)

    snoozed = snooze(task, 10)

    assert after(task, start=now) == ([-30], [])
    assert snoozed.next_run_at == now + 40 * MINUTE


def test_the_only_instant_is_put_off_and_ends_the_task_when_it_has_come() -> None:
    at = (database_now() + HOUR).replace(microsecond=0)
    task = make_task(schedule_kind="once", schedule_expr=at.isoformat(), next_run_at=at)

    snoozed = snooze(task, 10)
    Task.objects.filter(pk=task.pk).update(schedule_expr=(at - HOUR).isoformat())
    let_pass(task, HOUR)
    waits = task.status
    let_pass(task, 10 * MINUTE)

    assert snoozed.next_run_at == at + 10 * MINUTE
    assert (waits, task.status) == ("active", "completed")
    assert Run.objects.get(task=task).scheduled_for == at - HOUR


def test_paused_the_moved_instant_passes_and_is_caught_up_with() -> None:
    task = hourly()
    first = task.next_run_at
    assert first
    snooze(task, 10)
    tasks.pause(task, actor=ACTOR)
    let_pass(task, 45 * MINUTE)
    start = first - 45 * MINUTE
    assert after(task, start=start) == ([], [(0, "snoozed"), (10, "paused")])

    tasks.resume(task, actor=ACTOR)

    assert after(task, start=start) == ([10], [(0, "snoozed")])


def test_a_backfill_gives_no_second_run_to_what_was_put_off() -> None:
    task = hourly()
    first = task.next_run_at
    assert first
    snooze(task, 10)
    let_pass(task, 45 * MINUTE)
    start = first - 45 * MINUTE

    made = backfill.backfill(
        task, actor=ACTOR, start=start - 90 * MINUTE, end=start + 5 * MINUTE, overlap_policy="allow"
    )

    assert (made.runs, made.already) == (1, 1)
    assert after(task, start=start)[0] == [-60, 10]


def test_nothing_is_put_off_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snoozing, "FURTHEST", timedelta(minutes=25))
    task = hourly()
    snooze(task, 10)
    snooze(task, 15)

    with pytest.raises(IllegalMove, match="more than 0 days late: change the schedule"):
        snooze(task, 1)


def test_what_the_schedule_does_not_give_any_more_is_planned_anew_first() -> None:
    task = hourly()
    Task.objects.filter(pk=task.pk).update(schedule_expr="PT11H")

    with pytest.raises(IllegalMove, match="planned anew: try again"):
        snooze(task, 10)

    assert events_of(task) == []


def test_so_many_are_put_off_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snoozing, "MOST", 2)
    task = hourly()
    snooze(task, 300)
    snooze(task, 300)

    with pytest.raises(IllegalMove, match="2 instants of the task are put off already"):
        snooze(task, 300)
