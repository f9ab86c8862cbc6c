"""What a set of dates answers; the sets that need no rule, and how sets combine."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol

from schedules.recurrence.text import FIRST_YEAR, LAST_YEAR

UNNAMED = "holiday"
_LONGEST_NAME = 100
_REMEMBERED_YEARS = 40
_DAY = timedelta(days=1)


class DateSet(Protocol):
    """A set of days, each with the name of what it is."""

    def name_of(self, day: date) -> str | None:
        """What `day` is ("Christmas Day", "weekend"), at most 100 characters; None when it is not in the set.

        Quick, and may be asked by many threads at once. Days before 1583 and after 9990 are in no set.
        """
        ...


class Yearly(Protocol):
    """A set of days that is made a year at a time."""

    def of_year(self, year: int) -> Mapping[date, str]:
        """The days of `year` (1583 to 9990) in the set, with their names."""
        ...


class Calendar:
    """A `DateSet` of years that are made once and remembered, as long as they are asked for."""

    def __init__(self, days: Yearly) -> None:
        self._of_year = lru_cache(maxsize=_REMEMBERED_YEARS)(days.of_year)

    def name_of(self, day: date) -> str | None:
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            return None
        return self._of_year(day.year).get(day)


class Listed:
    """Days that are written out; of two names for one day the first stays."""

    def __init__(self, named: Iterable[tuple[date, str]]) -> None:
        self._years: dict[int, dict[date, str]] = {}
        for day, name in named:
            self._years.setdefault(day.year, {}).setdefault(day, name)

    def of_year(self, year: int) -> Mapping[date, str]:
        return self._years.get(year, {})


class Weekend:
    """Some days of every week, counted from Monday, 0."""

    def __init__(self, weekdays: frozenset[int]) -> None:
        self._weekdays = weekdays

    def of_year(self, year: int) -> Mapping[date, str]:
        return {day: "weekend" for day in days_of(year) if day.weekday() in self._weekdays}


class Union:
    """The days of any of several sets; a day has the name that the first of them gives it."""

    def __init__(self, sets: Sequence[Yearly]) -> None:
        self._sets = sets

    def of_year(self, year: int) -> Mapping[date, str]:
        named: dict[date, str] = {}
        for each in reversed(self._sets):
            named |= each.of_year(year)
        return named


class Difference:
    """The days of the first set that are in none of the others."""

    def __init__(self, sets: Sequence[Yearly]) -> None:
        self._kept, *self._taken = sets

    def of_year(self, year: int) -> Mapping[date, str]:
        taken = {day for each in self._taken for day in each.of_year(year)}
        return {day: name for day, name in self._kept.of_year(year).items() if day not in taken}


class Another:
    """The days of a set that can only be asked day by day."""

    def __init__(self, days: DateSet) -> None:
        self._days = days

    def of_year(self, year: int) -> Mapping[date, str]:
        names = ((day, self._days.name_of(day)) for day in days_of(year))
        return {day: name for day, name in names if name is not None}


def days_of(year: int) -> Iterator[date]:
    first = date(year, 1, 1)
    yield from (first + number * _DAY for number in range((date(year, 12, 31) - first).days + 1))


def name_from(text: str) -> str:
    """A day's name as it is shown: on one line, at most 100 characters; "holiday" when it says nothing."""
    return " ".join(text.split())[:_LONGEST_NAME].rstrip() or UNNAMED
