"""What is shown of the time to come is what the ticks find, whenever they come."""

from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.calendars import parse_calendar
from schedules.quiet_hours import QuietHours
from schedules.timing import Timing
from schedules.zones import zone
from tasks_app.models import Task
from tasks_app.planning.ahead import Ahead
from tasks_app.planning.decide import decide
from tasks_app.planning.standing import NOTHING, Standing
from tasks_app.states import TaskStatus

pytestmark = pytest.mark.no_cover  # three times as slow when measured

DAYS = parse_calendar({"union": [{"weekends": True}, {"dates": ["2026-03-26", "2026-10-23"]}]})
SCHEDULES = [
    ("rrule", "FREQ=DAILY;BYHOUR=2,3,23;BYMINUTE=0,30;BYSECOND=0"),
    ("rrule", "FREQ=HOURLY;COUNT=150"),
    ("cron", "30 2,23 * * *"),
    ("cron", "*/45 * * * *"),
    ("interval", "PT3H20M"),
    ("once", "2026-03-29T03:30"),
]
QUIET = [
    [],
    [{"from": "22:00", "to": "04:00"}],
    [{"from": "22:00", "to": "02:30"}, {"from": "02:00", "to": "09:00", "days": ["SU", "MO"]}],
]
Fires = list[tuple[datetime, datetime]]


def a_task(draw: st.DrawFn) -> tuple[Task, Timing]:
    kind, expr = draw(st.sampled_from(SCHEDULES))
    task = Task(
        id=UUID(int=1),
        schedule_kind=kind,
        schedule_expr=expr,
        timezone="Europe/Chisinau",
        dtstart="2026-01-01T00:00:00",
        dst_policy=draw(st.sampled_from(["", "skip", "next_valid, both", "rfc, second"])),
        max_occurrences=draw(st.none() | st.integers(1, 12)),
        misfire_policy="all",
        catch_up_limit=1000,
        catch_up_window_seconds=31_622_400,
    )
    start = draw(st.sampled_from([datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 10, 23, 5, tzinfo=UTC)]))
    timing = Timing(
        schedule=task.schedule,
        zone=zone(task.timezone),
        ends_at=draw(st.none() | st.just(start + timedelta(days=2))),
        calendar=draw(st.none() | st.just(DAYS)),
        calendar_policy=draw(st.sampled_from(["exclude", "next_business_day", "previous_business_day"])),
        jitter=timedelta(seconds=draw(st.sampled_from([0, 0, 600, 7200]))),
        spread=draw(st.sampled_from([0.0, 0.4, 0.99])),
        quiet_hours=QuietHours.parse(draw(st.sampled_from(QUIET))),
    )
    first = next(timing.after(start), None)
    task.due_at = first.at if first else None
    task.planned_until = start
    return task, timing


tasks = st.composite(a_task)()


def ticked(task: Task, timing: Timing, pauses: list[int], *, until: datetime) -> Fires:
    """The runs that ticks make which come at odd times, but not minutes late; a run ends as soon as it has begun."""
    fires: Fires = []
    due, occurrences = task.due_at, task.occurrences
    moment, turn = task.planned_until, 0
    while task.due_at is not None and moment < until:
        moment = max(moment, task.due_at) + timedelta(seconds=pauses[turn % len(pauses)])
        turn += 1
        waiting = [start for _, start in fires if start > moment]
        plan = decide(task, timing, now=moment, standing=Standing(deferred_to=max(waiting, default=None)))
        fires += [(fire.at, fire.start) for fire in plan.fires]
        task.occurrences += len(plan.fires)
        task.due_at = plan.due_at
    task.due_at, task.occurrences = due, occurrences
    return [fire for fire in fires if fire[0] <= until]


def shown(ahead: Ahead, *, after: datetime, until: datetime) -> Fires:
    upto = takewhile(lambda each: each.at <= until, ahead.walk(after))
    return [(each.at, each.start) for each in upto if ahead.fires(each) and each.at > after]


@settings(deadline=None, max_examples=80)
@given(tasks, st.lists(st.integers(0, 40), min_size=1, max_size=5))
def test_what_is_shown_is_what_ticks_make(drawn: tuple[Task, Timing], pauses: list[int]) -> None:
    task, timing = drawn
    until = task.planned_until + timedelta(days=5)

    ahead = Ahead.of(task, timing, standing=NOTHING, now=task.planned_until)

    assert shown(ahead, after=task.planned_until, until=until) == ticked(task, timing, pauses, until=until)


@settings(deadline=None, max_examples=80)
@given(tasks, st.integers(0, 5 * 24 * 60))
def test_a_later_part_is_the_same_part_of_the_whole(drawn: tuple[Task, Timing], minutes: int) -> None:
    task, timing = drawn
    start = task.planned_until
    later, until = start + timedelta(minutes=minutes), start + timedelta(days=6)

    ahead = Ahead.of(task, timing, standing=NOTHING, now=start)

    whole = shown(ahead, after=start, until=until)
    assert shown(ahead, after=later, until=until) == [fire for fire in whole if fire[0] > later]


@settings(deadline=None, max_examples=60)
@given(tasks, st.integers(0, 48 * 60))
def test_what_has_come_and_was_not_looked_at_counts_as_the_next_tick_will_count_it(
    drawn: tuple[Task, Timing], minutes: int
) -> None:
    task, timing = drawn
    start = task.planned_until
    now, until = start + timedelta(minutes=minutes), start + timedelta(days=5)
    whole = shown(Ahead.of(task, timing, standing=NOTHING, now=start), after=start, until=until)
    due = task.due_at

    late = Ahead.of(task, timing, standing=NOTHING, now=now)

    assert shown(late, after=now, until=until) == [fire for fire in whole if fire[0] > now]
    assert task.due_at == due


def test_a_paused_task_uses_up_nothing() -> None:
    task = Task(
        schedule_kind="interval",
        schedule_expr="PT1H",
        timezone="UTC",
        dtstart="2026-01-01T00:00:00",
        max_occurrences=2,
        status=TaskStatus.PAUSED,
        due_at=datetime(2026, 1, 1, 1, tzinfo=UTC),
    )
    timing = Timing(schedule=task.schedule, zone=zone("UTC"))

    ahead = Ahead.of(task, timing, standing=NOTHING, now=datetime(2026, 1, 1, tzinfo=UTC))

    first_three = list(islice(ahead.walk(datetime(2026, 1, 1, tzinfo=UTC)), 3))
    assert [ahead.fires(each) for each in first_three] == [False] * 3
    assert ahead.left == 2


def test_a_series_that_has_ended_has_nothing_ahead() -> None:
    task = Task(schedule_kind="interval", schedule_expr="PT1H", timezone="UTC", dtstart="2026-01-01T00:00:00")
    timing = Timing(schedule=task.schedule, zone=zone("UTC"))

    for most in (None, 3):
        task.max_occurrences, task.occurrences = most, 3
        ahead = Ahead.of(task, timing, standing=NOTHING, now=datetime(2026, 1, 1, tzinfo=UTC))
        assert list(ahead.walk(datetime(2026, 1, 1, tzinfo=UTC))) == []


def test_a_long_backlog_is_not_decided_to_its_end() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    now = start + timedelta(hours=6)
    task = Task(schedule_kind="interval", schedule_expr="PT1S", timezone="UTC", dtstart="2026-01-01T00:00:00")
    task.due_at = start
    timing = Timing(schedule=task.schedule, zone=zone("UTC"))

    ahead = Ahead.of(task, timing, standing=NOTHING, now=now)

    assert ahead.task.due_at == start + timedelta(seconds=10_000)
    assert next(each.at for each in ahead.walk(now) if each.at > now) == now + timedelta(seconds=1)


def test_of_one_quiet_night_that_has_begun_no_second_run_is_shown() -> None:
    task = Task(schedule_kind="interval", schedule_expr="PT1H", timezone="UTC", dtstart="2026-01-01T00:00:00")
    task.due_at = datetime(2026, 1, 1, 22, tzinfo=UTC)
    quiet = QuietHours.parse([{"from": "22:00", "to": "04:00"}])
    timing = Timing(schedule=task.schedule, zone=zone("UTC"), quiet_hours=quiet)
    late = datetime(2026, 1, 1, 22, 0, 30, tzinfo=UTC)

    ahead = Ahead.of(task, timing, standing=NOTHING, now=late)

    morning = datetime(2026, 1, 2, 5, tzinfo=UTC)
    assert shown(ahead, after=late, until=morning) == [
        (moment, moment) for moment in (morning - timedelta(hours=1), morning)
    ]
