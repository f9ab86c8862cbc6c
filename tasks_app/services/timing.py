"""The part of a task that says when: which of its fields do, what can be wrong with them, and its first instant."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import schedules
from schedules.quiet_hours import QuietHours
from schedules.recurrence.text import FIRST_YEAR, LAST_YEAR
from schedules.zones import zone
from tasks_app import queue
from tasks_app.conf import conf
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Agent, Calendar, Run, SkippedOccurrence, Task
from tasks_app.planning.cursor import place_cursor
from tasks_app.planning.lapse import lapse
from tasks_app.planning.timing import gives, timing_of
from tasks_app.services import faults
from tasks_app.states import MisfirePolicy, ScheduleKind, SkipReason, TaskStatus, Trigger

FIELDS: Final = frozenset(
    {
        "schedule_kind",
        "schedule_expr",
        "timezone",
        "dtstart",
        "starts_at",
        "ends_at",
        "max_occurrences",
        "dst_policy",
        "calendar",
        "calendar_policy",
        "jitter_seconds",
        "quiet_hours",
        "probe",
        "poll_seconds",
    }
)
CONDITION: Final = frozenset({"schedule_kind", "schedule_expr", "probe"})  # a change of these makes it another one


def calendar_called(given: str, *, seen_by: Agent, keep: bool = False) -> Calendar:
    """The calendar of that id, among those that the agent sees, or what it means with that name.

    Raises `InvalidRequest` for none. keep: let nobody delete it until the transaction under way ends.
    """
    calendars = Calendar.objects.select_for_update(no_key=True) if keep else Calendar.objects.all()
    try:
        found = calendars.seen_by(seen_by).filter(pk=UUID(given)).first()
    except ValueError:
        found = calendars.called(given, by=seen_by)
    if found is None:
        raise InvalidRequest(Fault("/calendar", f"There is no calendar {given!r}: create it first."))
    return found


def calendars_called(named: Iterable[tuple[str, Agent]]) -> set[UUID]:
    """The ids of those of these names or ids, as each agent sees them, that are there.

    Whoever is to `keep` several locks them first by `family.lock_rows`: taken one by one, two who need the same wait in a circle.
    """
    found = set()
    for given, agent in named:
        with suppress(InvalidRequest):
            found.add(calendar_called(given, seen_by=agent).pk)
    return found


def start_of_day(now: datetime, timezone: str) -> str:
    """The anchor of a task that names none: the day it is created, at 00:00 local."""
    try:
        local = now.astimezone(zone(timezone))
    except schedules.InvalidSchedule:
        local = now  # the schedule's own check names the fault
    return local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None).isoformat()


def faults_of(task: Task) -> list[Fault]:
    """What is wrong with the fields that say when."""
    try:
        timing_of(task)
        QuietHours.parse(task.quiet_hours)  # not only where it holds a window: {} is no list
        # A cron expression needs no anchor, but what is kept must be one for the day that the kind is changed.
        schedules.parse_schedule("interval", "P1D", timezone=task.timezone, dtstart=task.dtstart)
    except schedules.InvalidSchedule as error:
        return faults.of_schedule(error)
    except schedules.InvalidCalendar as error:
        return [Fault("/calendar", f"The calendar cannot be read: {error}.")]
    return list(_contradictions(task))


def plan(task: Task, *, now: datetime) -> None:
    """Let a task begin with its first instant after `now`. Raises `InvalidRequest` when it can have none."""
    if task.schedule_kind == ScheduleKind.MANUAL:
        task.planned_until, task.due_at, task.next_run_at = now, None, None
        return
    if place_cursor(task, after=_first_looked_at(task, now)):
        return
    if task.max_occurrences is not None and task.occurrences >= task.max_occurrences:
        fault = Fault(
            "/max_occurrences", f"The schedule gave {task.occurrences} runs already: raise it, or leave it out."
        )
    elif task.schedule_kind in {ScheduleKind.EVENT, ScheduleKind.CONDITION}:
        fault = Fault("/ends_at", "It has passed: give a later instant, or leave it out.")
    elif task.schedule_kind == ScheduleKind.ONCE:
        fault = Fault(
            "/schedule_expr",
            "The schedule has no instant after now: give an instant in the future. With misfire_policy all one that has passed, and"
            " that nothing has become of yet, is run at once.",
        )
    else:
        fault = Fault(
            "/schedule_expr", "The schedule has no instant after now that makes a run: it never occurs again."
        )
    raise InvalidRequest(fault)


def is_over(task: Task, *, now: datetime) -> bool:
    """Whether a schedule that was planned until now has come to its end. Changes the fields of `task` as `plan` does."""
    return task.schedule_kind != ScheduleKind.MANUAL and not place_cursor(task, after=max(now, task.planned_until))


def replace_waiting_runs(task: Task) -> None:
    """Cancel the runs that the old schedule gave, that have not begun, and that the new one would not give: it gives its own."""
    waiting = task.runs.unfinished().filter(attempt=0, trigger=Trigger.SCHEDULE).order_by("pk").select_for_update()
    given = replace(timing_of(task), snoozes=())
    gone = {run.scheduled_for: run.pk for run in waiting if run.scheduled_for and not gives(given, run.scheduled_for)}
    put_off = SkippedOccurrence.objects.filter(task=task, moved_to__in=gone) if gone else ()
    for row in put_off:
        if row.moved_to and gives(given, row.scheduled_for):
            gone.pop(row.moved_to, None)
    if gone:
        queue.cancel(list(gone.values()), reason="The schedule was changed before the run began.")
        task.deferred_to = None


def end_snoozes(task: Task) -> None:
    """End the snoozes of instants that the new schedule does not give; the ledger says so of those that have passed."""
    ended = [each.at for each in lapse(task, passed=True)]
    if ended:
        rows = SkippedOccurrence.objects.filter(task=task, reason=SkipReason.SNOOZED, scheduled_for__in=ended)
        rows.update(moved_to=None, detail="It was snoozed, and the schedule was changed before it came.")


def forget_condition(task: Task) -> None:
    """Let the next look be the first again, at which true counts as having become true."""
    task.condition_met = task.condition_error = None


def _first_looked_at(task: Task, now: datetime) -> datetime:
    """From now on; but somebody who asks for all of the past gets the past instant of `once`, too, unless it was decided on."""
    if task.schedule_kind != ScheduleKind.ONCE or task.misfire_policy != MisfirePolicy.ALL:
        return now
    since = now - timedelta(seconds=task.catch_up_window_seconds)
    first = next(replace(timing_of(task), snoozes=()).after(since), None)
    return now if first and _is_decided_on(task, first.at) else since


def _is_decided_on(task: Task, instant: datetime) -> bool:
    """Whether a run or a row of the ledger says what became of it; one that passed in a pause may still be caught up with."""
    if task._state.adding:  # noqa: SLF001 - public by Django's documentation
        return False
    rows = SkippedOccurrence.objects.filter(task=task, scheduled_for=instant)
    if task.status == TaskStatus.PAUSED:
        rows = rows.exclude(reason=SkipReason.PAUSED)
    return rows.exists() or Run.objects.filter(task=task, scheduled_for=instant).exists()


def _contradictions(task: Task) -> Iterator[Fault]:
    closest = schedules.densest_gap(task.schedule)
    least = _least_cadence(task)
    if closest is not None and closest < least:
        allowed = f"{least.total_seconds():.0f} s"
        found = f"{closest.total_seconds():.0f} s"
        yield Fault(
            "/schedule_expr", f"Two of its instants lie {found} apart: here they must be at least {allowed} apart."
        )
    if task.starts_at and not FIRST_YEAR <= task.starts_at.year <= LAST_YEAR:
        yield Fault("/starts_at", f"It must lie in the years {FIRST_YEAR} to {LAST_YEAR}.")
    if task.starts_at and task.ends_at and task.ends_at <= task.starts_at:
        yield Fault("/ends_at", "It must be later than starts_at.")


def _least_cadence(task: Task) -> timedelta:
    """The platform's, or the owner's where that is longer; a draft may have no owner yet."""
    of_owner = task.created_by.min_cadence_seconds if task.created_by_id else None
    return max(conf().min_cadence, timedelta(seconds=of_owner or 0))
