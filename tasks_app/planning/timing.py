"""Which instants a task has, by all of its fields that say when."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from django.db import connection, transaction

import schedules
from schedules.calendars import CalendarPolicy, DateSet, parse_calendar
from schedules.quiet_hours import NO_QUIET_HOURS, QuietHours
from schedules.timing import Timing, spread_of
from schedules.zones import zone
from tasks_app.models import Calendar, Task
from tasks_app.planning import snoozes

_CALENDARS_REMEMBERED = 500


def timing_of(task: Task) -> Timing:
    """Raises `schedules.InvalidSchedule` or `schedules.InvalidCalendar` for fields that make none."""
    return Timing(
        schedule=task.schedule,
        zone=zone(task.timezone),
        starts_at=task.starts_at,
        ends_at=task.ends_at,
        calendar=dates_of(task.calendar) if task.calendar_id and task.calendar else None,
        calendar_policy=cast("CalendarPolicy", task.calendar_policy),
        jitter=timedelta(seconds=task.jitter_seconds),
        spread=spread_of(task.pk.bytes) if task.jitter_seconds else 0.0,
        snoozes=snoozes.of(task) if task.snoozes else (),
        quiet_hours=QuietHours.parse(task.quiet_hours) if task.quiet_hours else NO_QUIET_HOURS,
    )


def gives(timing: Timing, instant: datetime) -> bool:
    """Whether a run comes of this very instant."""
    found = next(timing.after(instant - timedelta(microseconds=1)), None)
    return found is not None and found.at == instant and not found.withheld


def attach_calendars(tasks: Iterable[Task]) -> None:
    """Give many tasks their calendars in one query, with what is needed to know their dates."""
    wanted = {task.calendar_id: task for task in tasks if task.calendar_id}
    found = Calendar.objects.only("version").in_bulk(wanted) if wanted else {}
    for task in tasks if found else ():
        if task.calendar_id:
            task.calendar = found[task.calendar_id]


def dates_of(calendar: Calendar) -> DateSet:
    """The dates of a calendar, remembered until it changes."""
    unsettled = _unsettled()
    if unsettled is not None:
        return unsettled.dates_of(calendar)
    try:
        return _dates_of_version(calendar.pk, calendar.version)
    except _OtherVersion as found:
        return found.dates


def dates_changed() -> None:
    """Somebody has changed calendars in the transaction under way: until it ends, it alone remembers what it reads of any."""
    if connection.in_atomic_block:
        transaction.on_commit(_Unsettled())


class _Unsettled:
    """Dates that may yet be taken back. Among the hooks of the commit, it is forgotten just when the change is."""

    def __init__(self) -> None:
        self._found: dict[tuple[UUID, int], DateSet] = {}

    def __call__(self) -> None:
        """Now they hold for everybody, who reads them anew."""

    def dates_of(self, calendar: Calendar) -> DateSet:
        key = calendar.pk, calendar.version
        if key not in self._found:
            self._found[key] = _parsed(Calendar.objects.get(pk=calendar.pk))
        return self._found[key]


class _OtherVersion(Exception):
    """What was to be remembered under a version is of another: of one that is newer, or that was taken back."""

    def __init__(self, dates: DateSet) -> None:
        super().__init__()
        self.dates = dates


def _unsettled() -> _Unsettled | None:
    """That of the last change which has not been taken back."""
    hooks = (entry[1] for entry in reversed(connection.run_on_commit))
    return next((hook for hook in hooks if isinstance(hook, _Unsettled)), None)


@lru_cache(maxsize=_CALENDARS_REMEMBERED)
def _dates_of_version(pk: UUID, version: int) -> DateSet:
    calendar = Calendar.objects.get(pk=pk)
    dates = _parsed(calendar)
    if calendar.version != version:
        raise _OtherVersion(dates)
    return dates


def _parsed(calendar: Calendar) -> DateSet:
    def other(name: str) -> DateSet:
        found = Calendar.objects.called(name, by=calendar.created_by)
        if found is None:
            raise schedules.InvalidCalendar("", f"there is no calendar {name!r}")
        return dates_of(found)

    return parse_calendar(calendar.definition, fetched=texts_of(calendar.fetched), others=other)


def texts_of(fetched: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What each address of a calendar last answered, without those that never did."""
    return {url: str(answer["text"]) for url, answer in fetched.items() if answer.get("text")}
