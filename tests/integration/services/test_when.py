"""The fields that say when: what is refused, what is planned, and what a pause or a change of them does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tasks_app import queue
from tasks_app.exceptions import InvalidRequest
from tasks_app.maintenance import tick
from tasks_app.models import Calendar, Run, SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tasks_app.planning.standing import lane_of
from tasks_app.services import tasks
from tasks_app.services.actor import Actor
from tasks_app.states import Trigger
from tests.making import claim, events_of, make_agent, make_run, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

ACTOR = Actor("user:ann", request_id="req-3")
HALF_PAST = datetime(2026, 1, 1, tzinfo=UTC)
PIPELINE = {"pipeline": [{"id": "one", "uses": "noop"}]}


def create(**fields: Any) -> Task:
    values = {"title": "T", "schedule_kind": "cron", "schedule_expr": "0 9 * * *", "payload": PIPELINE} | fields
    return tasks.create_task(values.pop("owner", None) or make_agent(), actor=ACTOR, **values)


def refused(**fields: Any) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as error:
        create(**fields)
    return {fault.pointer: fault.message for fault in error.value.faults}


def ago(hours: float) -> datetime:
    """So long ago, where the half hours are instants of `hourly`."""
    return HALF_PAST - timedelta(hours=hours - 0.5)


@pytest.fixture(autouse=True)
def half_an_hour_ago() -> None:
    global HALF_PAST  # noqa: PLW0603  the moment that a test's instants are counted from
    HALF_PAST = (database_now() - timedelta(minutes=30)).replace(microsecond=0)


def hourly(**fields: Any) -> Task:
    """Its last instant was half an hour ago, its next is in half an hour."""
    dtstart = ago(240.5).replace(tzinfo=None).isoformat()
    return make_task(**{"schedule_kind": "interval", "schedule_expr": "PT1H", "dtstart": dtstart} | fields)


def paused_since_two_and_a_half_hours(**fields: Any) -> Task:
    """Three of its instants have passed into the ledger."""
    task = hourly(status="paused", due_at=ago(2.5), next_run_at=ago(2.5), paused_at=ago(2.5), **fields)
    tick.run_once()
    assert reasons(task) == ["paused"] * 3
    return task


def fired(task: Task) -> list[datetime]:
    return list(Run.objects.filter(task=task).order_by("scheduled_for").values_list("scheduled_for", flat=True))


def reasons(task: Task) -> list[str]:
    return list(SkippedOccurrence.objects.filter(task=task).order_by("scheduled_for").values_list("reason", flat=True))


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"dst_policy": "sideways"}, "/dst_policy"),
        ({"quiet_hours": [{"from": "x", "to": "07:00"}]}, "/quiet_hours"),
        ({"calendar": "nowhere"}, "/calendar"),
        ({"calendar_policy": "never"}, "/calendar_policy"),
        ({"misfire_policy": "panic"}, "/misfire_policy"),
        ({"overlap_policy": "panic"}, "/overlap_policy"),
        ({"jitter_seconds": 86_401}, "/jitter_seconds"),
        ({"catch_up_limit": 1001}, "/catch_up_limit"),
        ({"catch_up_window_seconds": 0}, "/catch_up_window_seconds"),
        ({"max_occurrences": 0}, "/max_occurrences"),
        ({"concurrency_limit": 0}, "/concurrency_limit"),
        ({"dedupe_window_seconds": 0}, "/dedupe_window_seconds"),
        ({"starts_at": datetime(2030, 1, 1, tzinfo=UTC), "ends_at": datetime(2029, 1, 1, tzinfo=UTC)}, "/ends_at"),
        ({"ends_at": datetime(2020, 1, 1, tzinfo=UTC)}, "/schedule_expr"),
        ({"schedule_kind": "once", "schedule_expr": "2020-01-01T09:00"}, "/schedule_expr"),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value),
)
def test_a_field_that_makes_no_sense_is_refused_by_its_name(fields: dict[str, Any], pointer: str) -> None:
    assert list(refused(**fields)) == [pointer]


def test_a_task_begins_at_its_start_and_not_before() -> None:
    start = datetime(2040, 5, 1, tzinfo=UTC)

    task = create(starts_at=start)

    assert task.next_run_at == start.replace(hour=9)


def test_a_calendar_is_named_by_its_id_or_its_name_and_the_own_one_goes_before_a_shared_one() -> None:
    owner = make_agent()
    shared = Calendar.objects.create(name="off", created_by=make_agent(), shared=True, definition={"dates": []})
    assert create(owner=owner, calendar="off").calendar == shared
    own = Calendar.objects.create(name="off", created_by=owner, definition={"dates": []})

    assert create(owner=owner, calendar="off").calendar == own
    assert create(owner=owner, calendar=str(shared.pk)).calendar == shared
    assert create(owner=owner, calendar=None).calendar is None


def test_somebody_elses_calendar_is_not_found() -> None:
    calendar = Calendar.objects.create(name="off", created_by=make_agent(), definition={"dates": []})

    assert list(refused(calendar="off")) == ["/calendar"]
    assert list(refused(calendar=str(calendar.pk))) == ["/calendar"]


def test_a_calendar_that_leaves_no_day_is_refused() -> None:
    owner = make_agent()
    Calendar.objects.create(name="sundays", created_by=owner, definition={"weekends": ["SU"]})

    assert list(refused(owner=owner, calendar="sundays", schedule_expr="0 9 * * SUN")) == ["/schedule_expr"]


def test_a_dense_schedule_may_be_made_on_a_day_off() -> None:
    owner = make_agent()
    today = database_now().date()
    off = [(today + timedelta(days=number)).isoformat() for number in range(3)]
    Calendar.objects.create(name="off", created_by=owner, definition={"dates": off})

    task = create(owner=owner, calendar="off", schedule_expr="* * * * *")

    assert task.next_run_at is not None
    assert task.next_run_at.date() == today + timedelta(days=3)


def test_a_past_instant_runs_at_once_when_all_of_the_past_is_asked_for() -> None:
    an_hour_ago = (database_now() - timedelta(hours=1)).replace(microsecond=0)

    task = create(schedule_kind="once", schedule_expr=an_hour_ago.isoformat(), misfire_policy="all")
    tick.run_once()

    assert fired(task) == [an_hour_ago]
    task.refresh_from_db()
    assert task.status == "completed"


def test_a_past_instant_beyond_the_window_is_refused_all_the_same() -> None:
    long_ago = (database_now() - timedelta(days=2)).isoformat()

    assert list(refused(schedule_kind="once", schedule_expr=long_ago, misfire_policy="all")) == ["/schedule_expr"]


def test_an_instant_that_came_before_a_change_is_decided_by_the_old_schedule() -> None:
    task = hourly(due_at=ago(1.5), next_run_at=ago(1.5))

    changed = tasks.update_task(task, actor=ACTOR, changes={"schedule_kind": "cron", "schedule_expr": "0 9 * * *"})

    assert reasons(task) == ["coalesced"]
    assert fired(task) == [ago(0.5)]
    assert changed.next_run_at is not None
    assert changed.next_run_at.hour == 9


def test_runs_of_the_old_schedule_that_have_not_begun_give_way_to_the_new_one() -> None:
    task = hourly(due_at=ago(-0.5), next_run_at=ago(-0.5))
    wanted: Any = {"task": task.pk, "task_version": 1, "agent": task.created_by_id, "priority": 5}
    queue.enqueue([queue.NewRun(**wanted, trigger=Trigger.SCHEDULE, scheduled_for=ago(1.5))])
    [begun] = claim(limit=1)
    queue.enqueue([queue.NewRun(**wanted, trigger=Trigger.SCHEDULE, scheduled_for=ago(0.5))])
    queue.enqueue([queue.NewRun(**wanted, trigger=Trigger.RUN_NOW)])

    tasks.update_task(task, actor=ACTOR, changes={"schedule_expr": "PT7H"})

    assert Run.objects.get(scheduled_for=ago(0.5)).state == "canceled"
    assert Run.objects.get(pk=begun.id).state == "running"
    assert Run.objects.get(trigger="run_now").state == "queued"


def test_a_change_that_says_nothing_of_when_leaves_the_plan_alone() -> None:
    task = hourly(due_at=ago(0.5), next_run_at=ago(0.5))

    tasks.update_task(task, actor=ACTOR, changes={"title": "Other", "overlap_policy": "skip"})

    task.refresh_from_db()
    assert task.due_at == ago(0.5)
    assert fired(task) == []


def test_a_series_that_has_had_its_runs_is_not_planned_anew_until_it_may_have_more() -> None:
    task = hourly(status="completed", max_occurrences=3, occurrences=3)

    with pytest.raises(InvalidRequest) as error:
        tasks.update_task(task, actor=ACTOR, changes={"schedule_expr": "PT2H"})
    assert [fault.pointer for fault in error.value.faults] == ["/max_occurrences"]

    assert tasks.update_task(task, actor=ACTOR, changes={"max_occurrences": 4}).status == "active"


@pytest.mark.parametrize(
    ("fields", "hours_ago"),
    [
        ({"misfire_policy": "skip"}, []),
        ({"misfire_policy": "latest"}, [0.5]),
        ({"misfire_policy": "all"}, [2.5, 1.5, 0.5]),
        ({"misfire_policy": "all", "catch_up_limit": 2}, [1.5, 0.5]),
        ({"misfire_policy": "all", "catch_up_window_seconds": 7200}, [1.5, 0.5]),
        ({"misfire_policy": "all", "overlap_policy": "skip"}, [2.5]),
        ({"misfire_policy": "all", "max_occurrences": 2}, [2.5, 1.5]),
    ],
    ids=lambda value: "+".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_resuming_catches_up_by_the_misfire_policy(fields: dict[str, Any], hours_ago: list[float]) -> None:
    task = paused_since_two_and_a_half_hours(**fields)

    resumed = tasks.resume(task, actor=ACTOR)

    assert fired(task) == [ago(hours) for hours in hours_ago]
    assert reasons(task) == ["paused"] * (3 - len(hours_ago))
    assert (resumed.occurrences, resumed.paused_at) == (len(hours_ago), None)


def test_the_run_that_catches_up_takes_the_place_of_the_one_that_goes_on() -> None:
    task = paused_since_two_and_a_half_hours(overlap_policy="cancel_running")
    going_on = make_run(task, lane=lane_of(task))

    tasks.resume(task, actor=ACTOR)

    going_on.refresh_from_db()
    assert going_on.state == "canceled"
    assert Run.objects.unfinished().get().scheduled_for == ago(0.5)


def test_a_series_whose_last_run_is_caught_up_with_has_ended() -> None:
    task = paused_since_two_and_a_half_hours(max_occurrences=1)

    resumed = tasks.resume(task, actor=ACTOR)

    assert (resumed.status, resumed.next_run_at, resumed.occurrences) == ("completed", None, 1)
    assert events_of(task)[-2:] == ["task.resumed", "task.completed"]


def test_an_instant_that_was_the_last_and_passed_in_a_pause_is_caught_up_with() -> None:
    task = make_task(
        schedule_kind="once",
        schedule_expr=ago(0.5).isoformat(),
        status="paused",
        due_at=ago(0.5),
        next_run_at=ago(0.5),
        paused_at=ago(0.5),
    )
    tick.run_once()
    assert reasons(task) == ["paused"]

    resumed = tasks.resume(task, actor=ACTOR)

    assert (fired(task), reasons(task)) == ([ago(0.5)], [])
    assert (resumed.status, resumed.next_run_at) == ("completed", None)
    assert events_of(task) == ["occurrence.skipped", "task.resumed", "task.completed"]


def test_a_series_that_ended_in_a_pause_without_anything_to_catch_up_with_ends_when_it_is_resumed() -> None:
    task = paused_since_two_and_a_half_hours(misfire_policy="skip", ends_at=ago(0.5))

    assert Task.objects.get(pk=task.pk).status == "paused"
    assert tasks.resume(task, actor=ACTOR).status == "completed"
    assert fired(task) == []


def test_what_passed_in_an_earlier_pause_stays_in_the_ledger() -> None:
    task = paused_since_two_and_a_half_hours(misfire_policy="all")
    Task.objects.update(paused_at=ago(1))

    tasks.resume(task, actor=ACTOR)

    assert (fired(task), reasons(task)) == ([ago(0.5)], ["paused", "paused"])


def test_an_instant_that_came_just_before_the_pause_counts_as_passed_while_paused() -> None:
    task = hourly(due_at=ago(0.5), next_run_at=ago(0.5))

    paused = tasks.pause(task, actor=ACTOR)
    tick.run_once()

    assert (fired(task), reasons(task)) == ([], ["paused"])
    assert paused.paused_at == ago(0.5)


def test_resuming_into_quiet_hours_waits_for_their_end() -> None:
    now = database_now()
    window = {"from": f"{now - timedelta(hours=1):%H:%M}", "to": f"{now + timedelta(hours=1):%H:%M}"}
    task = paused_since_two_and_a_half_hours()
    Task.objects.update(quiet_hours=[window])

    tasks.resume(task, actor=ACTOR)

    run = Run.objects.get(task=task)
    assert (run.state, run.waiting_for) == ("waiting", "start")
    assert timedelta(minutes=58) < run.run_at - now <= timedelta(hours=1)


@pytest.mark.parametrize(
    ("kind", "expr"),
    [
        ("interval", "PT59S"),
        ("rrule", "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=0,30"),
        ("rrule", "FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0,59;BYSECOND=0,59"),
    ],
)
def test_instants_nearer_together_than_is_allowed_are_refused_wherever_they_lie(
    settings: Any, kind: str, expr: str
) -> None:
    settings.ORDINAUT = replace(settings.ORDINAUT, min_cadence=timedelta(minutes=1))

    faults = refused(schedule_kind=kind, schedule_expr=expr)

    assert list(faults) == ["/schedule_expr"]
    assert "at least 60 s apart" in faults["/schedule_expr"]
    assert create(schedule_expr="* * * * *")


def test_a_run_that_the_new_schedule_gives_too_goes_on_waiting() -> None:
    task = hourly(due_at=ago(-0.5), next_run_at=ago(-0.5))
    later = database_now() + timedelta(hours=1)
    wanted: Any = {"task": task.pk, "task_version": 1, "agent": task.created_by_id, "priority": 5}
    queue.enqueue([queue.NewRun(**wanted, trigger=Trigger.SCHEDULE, scheduled_for=ago(0.5), start=later)])

    tasks.update_task(task, actor=ACTOR, changes={"ends_at": database_now() + timedelta(days=9)})

    run = Run.objects.get()
    assert (run.state, run.waiting_for) == ("waiting", "start")
