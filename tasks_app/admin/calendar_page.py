"""What the page of a calendar shows beside its fields: the days of a year, its files, and who uses it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

import schedules
from schedules.calendars import DateSet
from tasks_app.admin.appearance import in_utc
from tasks_app.models import Calendar
from tasks_app.models.clock import database_now
from tasks_app.planning.timing import dates_of

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Month:
    name: str
    days: list[tuple[str, str]]  # what the day is called, and of what it is one


@dataclass(frozen=True)
class File:
    url: str
    fetched_at: str | None
    error: str


@dataclass(frozen=True)
class CalendarPage:
    calendar: Calendar
    year: int
    months: list[Month]
    no_days: str  # why there are none
    files: list[File]
    may_delete: bool


def of(calendar: Calendar, *, year: str | None, may_delete: bool) -> CalendarPage:
    shown = int(year) if year and year.isascii() and year.isdecimal() and 1583 <= int(year[:5]) <= 9990 else None
    shown = shown or database_now().year
    try:
        months, none = _months(dates_of(calendar), shown), "It holds no day of this year."
    except schedules.InvalidCalendar as error:  # saved under rules that have changed since
        months, none = [], str(error)
    files = [_file(url, answer) for url, answer in sorted(calendar.fetched.items())]
    return CalendarPage(calendar, shown, months, none, files, may_delete)


def _months(days: DateSet, year: int) -> list[Month]:
    first = date(year, 1, 1)
    every = (first + number * _DAY for number in range((date(year, 12, 31) - first).days + 1))
    named = [(day, name) for day in every if (name := days.name_of(day)) is not None]
    return [
        Month(f"{date(year, month, 1):%B}", [(f"{day:%a %d}", name) for day, name in group])
        for month, group in groupby(named, key=lambda pair: pair[0].month)
    ]


def _file(url: str, answer: Mapping[str, Any]) -> File:
    return File(url, in_utc(datetime.fromisoformat(answer["fetched_at"]).astimezone(UTC)), answer["error"])
