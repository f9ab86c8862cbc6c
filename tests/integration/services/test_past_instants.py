"""`once` with misfire_policy all: its past instant runs, and only if nothing has become of it yet."""

from datetime import timedelta

import pytest

from tasks_app.exceptions import InvalidRequest
from tasks_app.maintenance import tick
from tasks_app.models import Calendar, SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tasks_app.services import preview, snoozing, tasks
from tests.integration.services.snoozed import ACTOR, HOUR, MINUTE, after
from tests.making import make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]


def once(minutes_ago: float = 10, **fields: object) -> Task:
    """It is due since then, and nobody has looked yet."""
    at = database_now().replace(microsecond=0) - minutes_ago * MINUTE
    planned = {"next_run_at": at, "due_at": at, "planned_until": at - HOUR}
    wanted = {"schedule_kind": "once", "schedule_expr": at.isoformat(), "misfire_policy": "all"}
    return make_task(**wanted | planned | fields)


def decided(task: Task) -> Task:
    while tick.run_once()["tasks"]:
        pass
    task.refresh_from_db()
    return task


def change(task: Task, **changes: object) -> Task:
    return tasks.update_task(task, actor=ACTOR, changes=changes)


def outcome(task: Task) -> object:
    start = task.created_at.replace(microsecond=0)
    return after(task, start=start)


def snoozed_and_done() -> Task:
    """It was put off by five minutes and ran then, two minutes ago."""
    task = once(-3)
    snoozing.snooze(task, actor=ACTOR, delay=5 * MINUTE)
    at = database_now().replace(microsecond=0) - 7 * MINUTE
    task.refresh_from_db()
    assert task.snoozes
    task.snoozes = [{**task.snoozes[0], "at": at.isoformat(), "to": (at + 5 * MINUTE).isoformat()}]
    task.schedule_expr, task.due_at, task.planned_until = at.isoformat(), at, at - HOUR
    task.save()
    decided(task)
    assert task.status == "completed"
    assert (list(task.runs.values_list("scheduled_for", flat=True)), task.snoozes) == ([at + 5 * MINUTE], None)
    return task


@pytest.mark.parametrize(
    "changes", [{"ends_at": "later"}, {"jitter_seconds": 5}, {"timezone": "Asia/Tokyo"}], ids=range(3)
)
def test_what_was_snoozed_and_done_does_not_run_again_for_a_change(changes: dict[str, object]) -> None:
    task = snoozed_and_done()
    if "ends_at" in changes:
        changes = {"ends_at": database_now() + HOUR}
    before = outcome(task)

    with pytest.raises(InvalidRequest) as refused:
        change(task, **changes)

    assert [fault.pointer for fault in refused.value.faults] == ["/schedule_expr"]
    assert "nothing has become of yet" in refused.value.faults[0].message
    assert outcome(decided(task)) == before


def test_a_preview_of_such_a_change_says_the_same() -> None:
    task = snoozed_and_done()

    with pytest.raises(InvalidRequest):
        preview.preview({"jitter_seconds": 5}, task=task)


def test_what_ran_at_its_own_instant_is_not_planned_again_either() -> None:
    task = decided(once())
    assert task.runs.count() == 1

    with pytest.raises(InvalidRequest):
        change(task, jitter_seconds=5)


def test_another_past_instant_runs_all_the_same() -> None:
    task = snoozed_and_done()
    other = database_now().replace(microsecond=0) - 4 * MINUTE

    decided(change(task, schedule_expr=other.isoformat()))

    assert task.runs.filter(scheduled_for=other).count() == 1


def test_a_kind_that_becomes_once_does_not_repeat_what_was_put_off() -> None:
    task = once(10, schedule_kind="interval", schedule_expr="PT1H")
    passed = database_now().replace(microsecond=0) - 10 * MINUTE
    SkippedOccurrence.objects.create(task=task, scheduled_for=passed, reason="snoozed", moved_to=passed + MINUTE)
    Task.objects.update(due_at=database_now() + HOUR)

    with pytest.raises(InvalidRequest):
        change(task, schedule_kind="once", schedule_expr=passed.isoformat())


def test_one_that_is_on_its_way_still_comes_once() -> None:
    task = once(-1)
    snoozing.snooze(task, actor=ACTOR, delay=30 * MINUTE)
    task.refresh_from_db()
    assert task.snoozes
    at = database_now().replace(microsecond=0) - 7 * MINUTE
    task.snoozes = [{**task.snoozes[0], "at": at.isoformat(), "to": (at + 5 * HOUR).isoformat()}]
    task.schedule_expr, task.due_at, task.planned_until = at.isoformat(), at, at - HOUR
    task.save()
    decided(task)

    changed = change(task, ends_at=database_now() + timedelta(days=1))

    assert (changed.next_run_at, changed.due_at) == (at + 5 * HOUR, at + 5 * HOUR)


def test_what_passed_in_a_pause_can_still_be_changed_and_is_caught_up_with_once() -> None:
    task = once(-1)
    tasks.pause(task, actor=ACTOR)
    at = database_now().replace(microsecond=0) - 7 * MINUTE
    Task.objects.update(schedule_expr=at.isoformat(), due_at=at, planned_until=at - HOUR, paused_at=at - MINUTE)
    decided(task)
    assert list(task.skipped_occurrences.values_list("reason", flat=True)) == ["paused"]

    change(task, jitter_seconds=5)
    tasks.resume(task, actor=ACTOR)
    decided(task)

    assert list(task.runs.values_list("scheduled_for", flat=True)) == [at]
    assert not task.skipped_occurrences.exists()
    with pytest.raises(InvalidRequest):
        change(task, jitter_seconds=6)


def test_a_day_off_on_which_it_was_left_out_is_said_once() -> None:
    off = database_now().date() - timedelta(days=1), database_now().date()
    task = once()
    task.calendar = Calendar.objects.create(
        name="off", created_by=task.created_by, definition={"dates": [str(each) for each in off]}
    )
    task.save()
    decided(task)
    assert list(task.skipped_occurrences.values_list("reason", flat=True)) == ["holiday"]

    with pytest.raises(InvalidRequest):
        change(task, calendar=None)
