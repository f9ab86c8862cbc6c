"""What is planned follows the calendar and the rules that it was planned by."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from tasks_app.maintenance import replan
from tasks_app.models import Calendar, PlanningRules, SkippedOccurrence, Task, outbox_entry
from tasks_app.models.clock import as_text, database_now
from tests.making import events_of, make_agent, make_run, make_task, the_event

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NOTHING = {"tasks": 0, "moved": 0, "more": False}


@pytest.fixture(autouse=True)
def rules_are_known() -> None:
    replan.run_once()


# Half a day away from now, so that no test sees the hour pass, whenever it runs.
HOUR = (datetime.now(UTC).hour + 12) % 24


def next_day() -> datetime:
    """When a task that runs daily at HOUR runs next, UTC."""
    hour = database_now().replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return hour if hour > database_now() else hour + DAY


def daily(calendar: Calendar | None = None, **fields: object) -> Task:
    values = {
        "schedule_kind": "cron",
        "schedule_expr": f"0 {HOUR} * * *",
        "next_run_at": next_day(),
        "calendar": calendar,
    }
    owner = calendar.created_by if calendar else make_agent()
    return make_task(**values | fields, created_by=owner, planned_until=database_now())


def calendar_of(*days: datetime, version: int = 2) -> Calendar:
    dates = [day.date().isoformat() for day in days]
    return Calendar.objects.create(
        name="days off", created_by=make_agent(), definition={"dates": dates}, version=version
    )


def test_a_changed_calendar_moves_the_next_run_of_its_tasks_and_of_no_other() -> None:
    task, other = daily(calendar_of(next_day())), daily()

    assert replan.run_once() == {"tasks": 1, "moved": 1, "more": True}

    task.refresh_from_db()
    other.refresh_from_db()
    assert task.next_run_at == next_day() + DAY
    assert task.due_at == next_day()  # the day off goes into the ledger when it comes
    assert other.next_run_at == next_day()
    event = the_event(aggregate_id=task.pk)
    assert event.type == "task.updated"
    assert event.data["moved"] == {"from": as_text(next_day()), "to": as_text(next_day() + DAY)}
    assert replan.run_once() == NOTHING


def test_a_day_taken_out_of_a_calendar_runs_again() -> None:
    task = daily(calendar_of(), next_run_at=next_day() + DAY, due_at=next_day())

    replan.run_once()

    task.refresh_from_db()
    assert (task.next_run_at, task.due_at) == (next_day(), next_day())


def test_many_tasks_are_walked_in_batches_and_each_once() -> None:
    calendar = calendar_of(next_day())
    tasks = [daily(calendar) for _ in range(5)]

    rounds = [replan.run_once(batch=2)["tasks"] for _ in range(4)]

    assert rounds == [2, 2, 1, 0]
    assert {events_of(task)[0] for task in tasks} == {"task.updated"}
    calendar.refresh_from_db()
    assert (calendar.replanned_version, calendar.replanned_to) == (2, None)


def test_an_instant_that_has_come_under_the_old_calendar_is_not_lost() -> None:
    task = daily(calendar_of(), schedule_expr="* * * * *", next_run_at=None)
    minute = database_now().replace(second=0, microsecond=0)
    Task.objects.update(due_at=minute, next_run_at=minute, planned_until=minute - timedelta(minutes=1))

    replan.run_once()

    task.refresh_from_db()
    assert task.due_at == minute


def test_the_cursor_never_moves_back_over_what_is_accounted_for() -> None:
    task = daily(calendar_of(), schedule_expr="* * * * *", next_run_at=None)
    later = database_now().replace(second=0, microsecond=0) + timedelta(hours=1)
    Task.objects.update(due_at=later, next_run_at=later, planned_until=later - timedelta(microseconds=1))

    replan.run_once()

    task.refresh_from_db()
    assert task.due_at == later


def test_a_calendar_that_leaves_no_instant_completes_its_task() -> None:
    once = next_day()
    calendar = calendar_of(once)
    task = daily(calendar, schedule_kind="once", schedule_expr=once.isoformat(), next_run_at=once)
    skipped_instead = daily(calendar, schedule_expr=f"0 {HOUR} * * *")

    replan.run_once()

    task.refresh_from_db()
    skipped_instead.refresh_from_db()
    assert (task.next_run_at, task.due_at) == (None, once)  # its ledger row is still to come
    assert skipped_instead.status == "active"


def test_a_calendar_that_cannot_be_read_pauses_its_tasks_and_stops_nobody() -> None:
    broken = Calendar.objects.create(name="broken", created_by=make_agent(), definition={"moon": 1}, version=2)
    task = daily(broken)

    replan.run_once()

    task.refresh_from_db()
    assert task.status == "paused"
    assert events_of(task) == ["task.paused"]
    assert replan.run_once() == NOTHING


def test_after_an_upgrade_of_the_rules_every_task_is_planned_anew_and_what_moved_is_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As if the zone's change had been planned an hour off."""
    task, right = daily(next_run_at=next_day() + timedelta(hours=1)), daily()
    monkeypatch.setattr(replan, "release", lambda: "tzdata 2999.1, holidays 99")

    assert replan.run_once() == {"tasks": 2, "moved": 1, "more": True}

    task.refresh_from_db()
    assert task.next_run_at == next_day()
    assert PlanningRules.objects.get().version == "tzdata 2999.1, holidays 99"
    assert replan.run_once() == NOTHING
    listed = StringIO()
    call_command("moved", stdout=listed)
    assert f"task:{task.pk}" in listed.getvalue()
    assert str(right.pk) not in listed.getvalue()
    assert "tzdata 2999.1" in listed.getvalue()


def test_what_moved_is_looked_for_among_the_recent_events_only(monkeypatch: pytest.MonkeyPatch) -> None:
    daily(next_run_at=next_day() + timedelta(hours=1))
    monkeypatch.setattr(replan, "release", lambda: "tzdata 2999.1, holidays 99")
    replan.run_once()
    make_run()
    monkeypatch.setattr(outbox_entry, "_RECENT", 1)
    listed = StringIO()

    call_command("moved", stdout=listed)

    assert "task:" not in listed.getvalue()


def test_an_upgrade_is_walked_in_batches_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        daily()
    monkeypatch.setattr(replan, "release", lambda: "tzdata 2999.1, holidays 99")

    assert [replan.run_once(batch=2)["tasks"] for _ in range(3)] == [2, 1, 0]


def test_an_older_program_leaves_the_plans_of_a_newer_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    daily(next_run_at=next_day() + timedelta(hours=1))
    monkeypatch.setattr(replan, "release", lambda: "tzdata 1999.1, holidays 0.1")

    assert replan.run_once() == NOTHING


def test_a_program_does_not_finish_what_a_newer_one_began(monkeypatch: pytest.MonkeyPatch) -> None:
    daily()
    PlanningRules.objects.update(next_version="tzdata 2999.2, holidays 99")
    monkeypatch.setattr(replan, "release", lambda: "tzdata 2999.1, holidays 99")

    assert replan.run_once() == NOTHING


def test_no_ledger_row_is_made_by_planning_anew() -> None:
    daily(calendar_of(next_day()))

    replan.run_once()

    assert not SkippedOccurrence.objects.exists()
    assert next_day().tzinfo is UTC
