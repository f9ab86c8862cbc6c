"""What becomes of a snooze when the task, its calendar or the rules change; and what is told of it before and after."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks_app.maintenance import replan
from tasks_app.models import Calendar, PlanningRules, Run, SkippedOccurrence, Task
from tasks_app.services import preview, tasks
from tasks_app.services.why import why
from tests.integration.services.snoozed import ACTOR, HOUR, MINUTE, after, hourly, let_pass, snooze
from tests.making import told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]


def first_of(task: Task) -> datetime:
    assert task.next_run_at
    return task.next_run_at


def change(task: Task, **changes: object) -> Task:
    return tasks.update_task(task, actor=ACTOR, changes=changes)


def test_a_change_of_what_is_done_leaves_a_snooze_alone() -> None:
    task = hourly()
    snoozed = snooze(task, 10)

    changed = change(task, title="Other", priority=9)

    assert changed.next_run_at == snoozed.next_run_at


def test_a_schedule_that_still_has_the_instant_keeps_its_snooze() -> None:
    task = hourly()
    first = first_of(task)
    snooze(task, 10)

    changed = change(task, schedule_expr="PT30M")

    assert (changed.next_run_at, changed.due_at) == (first + 10 * MINUTE, first)
    let_pass(task, 75 * MINUTE)
    assert after(task, start=first - 75 * MINUTE)[1][0] == (0, "snoozed")


def test_a_schedule_that_has_it_no_more_ends_the_snooze() -> None:
    task = hourly()
    first = first_of(task)
    snooze(task, 10)

    changed = change(task, dtstart=(datetime.fromisoformat(task.dtstart) + 20 * MINUTE).isoformat())

    assert changed.snoozes is None
    assert changed.next_run_at == first + 20 * MINUTE


def test_one_on_its_way_ends_with_the_schedule_and_the_ledger_says_so() -> None:
    task = hourly()
    snooze(task, 20)
    let_pass(task, 40 * MINUTE)

    change(task, schedule_kind="manual", schedule_expr="")

    row = SkippedOccurrence.objects.get(task=task)
    assert (row.moved_to, row.detail) == (None, "It was snoozed, and the schedule was changed before it came.")
    task.refresh_from_db()
    assert (task.snoozes, task.due_at) == (None, None)


def test_its_run_that_has_not_begun_stays_when_the_schedule_still_has_where_it_came_from() -> None:
    task = hourly()
    snooze(task, 10)
    let_pass(task, 45 * MINUTE)

    change(task, jitter_seconds=60)
    stayed = Run.objects.get(task=task).state
    change(task, dtstart=(datetime.fromisoformat(task.dtstart) + 7 * MINUTE).isoformat())

    assert (stayed, Run.objects.get(task=task).state) == ("queued", "canceled")


def test_a_preview_of_a_change_shows_what_the_change_does() -> None:
    task = hourly()
    first = first_of(task)
    snooze(task, 10)
    task.refresh_from_db()

    def previewed(**fields: object) -> list[datetime]:
        return [each.at for each in preview.preview(fields, task=task, count=1).items if each.fires]

    assert previewed(jitter_seconds=0) == [first + 10 * MINUTE]
    assert previewed(schedule_expr="P1D") == [first + 23 * HOUR]


def test_a_day_off_that_comes_to_lie_on_it_ends_the_snooze() -> None:
    calendar = Calendar.objects.create(name="off", created_by=hourly().created_by, definition={"dates": []}, version=1)
    task = hourly(calendar=calendar, created_by=calendar.created_by)
    first = first_of(task)
    snooze(task, 10)
    days = [f"{(first + timedelta(days=n)).astimezone(UTC):%Y-%m-%d}" for n in (0, 1)]
    Calendar.objects.update(definition={"dates": days}, version=2)
    replan.run_once()

    assert replan.run_once()["more"] is False

    task.refresh_from_db()
    assert task.snoozes is None
    assert first_of(task) > first + 10 * MINUTE


def test_one_on_its_way_comes_even_when_a_day_off_has_come_to_lie_on_where_it_was() -> None:
    calendar = Calendar.objects.create(name="off", created_by=hourly().created_by, definition={"dates": []}, version=1)
    task = hourly(calendar=calendar, created_by=calendar.created_by)
    snooze(task, 20)
    let_pass(task, 40 * MINUTE)
    put_to = task.next_run_at
    days = [f"{(first_of(task) + timedelta(days=n)).astimezone(UTC):%Y-%m-%d}" for n in (-1, 0, 1)]
    Calendar.objects.update(definition={"dates": days}, version=2)
    replan.run_once()
    replan.run_once()

    task.refresh_from_db()
    assert task.next_run_at == put_to


def test_new_zone_rules_leave_a_snooze_where_it_is() -> None:
    task = hourly()
    snoozed = snooze(task, 10)
    replan.run_once()
    PlanningRules.objects.update(version="tzdata 2001a")

    while replan.run_once()["more"]:
        pass

    task.refresh_from_db()
    assert (task.next_run_at, task.due_at) == (snoozed.next_run_at, snoozed.due_at)
    assert [event.type for event in told(aggregate_id=task.pk)] == ["task.snoozed"]


def test_why_tells_of_both_instants_before_and_after() -> None:
    task = hourly(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    first = first_of(task)
    snooze(task, 10, reason="in a meeting")
    task.refresh_from_db()

    left, come = (why(task, first + delay).answer for delay in (0 * MINUTE, 10 * MINUTE))

    assert (left.outcome, left.reason) == ("will_not_fire", "snoozed")
    assert left.sentence.startswith("It will not become a run: it is snoozed. Snoozed to ")
    assert left.sentence.endswith(": in a meeting")
    assert (come.outcome, come.starts_at) == ("will_fire", first + 10 * MINUTE)
    assert "Snoozed here from " in come.sentence
    let_pass(task, 42 * MINUTE)
    first -= 42 * MINUTE
    left, come = (why(task, first + delay).answer for delay in (0 * MINUTE, 10 * MINUTE))
    assert (left.outcome, left.reason) == ("skipped", "snoozed")
    assert left.sentence.startswith("It made no run: it was snoozed. Snoozed to ")
    assert left.sentence.endswith(": in a meeting")
    assert (come.outcome, come.run) == ("fired", Run.objects.get(task=task))
    assert f"Snoozed here from {first:%Y-%m-%d %H:%M}" in come.sentence


def test_what_is_put_past_the_end_of_the_series_is_still_an_instant() -> None:
    task = hourly()
    first = first_of(task)
    Task.objects.update(ends_at=first)
    task.refresh_from_db()

    snoozed = snooze(task, 10)

    assert snoozed.next_run_at == first + 10 * MINUTE
    assert why(snoozed, first + 10 * MINUTE).answer.outcome == "will_fire"


def test_the_instants_to_come_show_both() -> None:
    task = hourly()
    first = first_of(task)
    snoozed = snooze(task, 10)

    shown = preview.occurrences(snoozed, count=2).items

    assert [(each.at, each.fires, each.reason) for each in shown] == [
        (first, False, "snoozed"),
        (first + 10 * MINUTE, True, None),
        (first + HOUR, True, None),
    ]
