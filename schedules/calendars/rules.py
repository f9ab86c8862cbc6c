"""The days of a recurrence."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile
from typing import Any
from zoneinfo import ZoneInfo

from schedules.recurrence import Recurrence
from schedules.recurrence.rule import Rule
from schedules.recurrence.streams import stream_of
from schedules.recurrence.text import FIRST_YEAR, parse_text

_DAY = timedelta(days=1)
_CENTURY = 36_525 * _DAY
_MARGIN = 3 * _DAY  # more than any zone's day is away from UTC's
_LARGEST_COUNT = 1000
_BEFORE_ALL = datetime(FIRST_YEAR - 2, 1, 1, tzinfo=UTC)


class UnfitRule(ValueError):
    """A recurrence that cannot be read as days; the message says the cure."""


class RuleDays:
    """The local dates of a recurrence's instants, each with the `span` - 1 days that follow it.

    zone: where the instants' dates are read, the recurrence's own unless given.
    """

    def __init__(self, recurrence: Recurrence, *, name: str, span: int = 1, zone: ZoneInfo | None = None) -> None:
        self._recurrence = recurrence
        self._name = name
        self._span = span
        self._zone = zone or recurrence.zone
        self._barren: tuple[datetime, datetime] | None = None  # a stretch of time known to hold no instant

    def of_year(self, year: int) -> Mapping[date, str]:
        return dict.fromkeys(self._covered(year), self._name)

    def ever_occurs(self) -> bool:
        return bool(self._recurrence.after(_BEFORE_ALL))

    def _covered(self, year: int) -> Iterator[date]:
        first, last = date(year, 1, 1), date(year, 12, 31)
        reached = first
        for instant in self._instants(first, last):
            start = instant.astimezone(self._zone).date()
            end = min(start + self._span * _DAY, last + _DAY)
            reached = max(reached, start)
            while reached < end:
                yield reached
                reached += _DAY

    def _instants(self, first: date, last: date) -> list[datetime]:
        start = _midnight(first) - self._span * _DAY - _MARGIN
        end = _midnight(last) + _MARGIN
        if self._barren and self._barren[0] <= start and end <= self._barren[1]:
            return []
        found = self._recurrence.between(start, end)
        if not found:
            following = self._recurrence.after(end)
            self._barren = (start, following[0] - _DAY if following else datetime.max.replace(tzinfo=UTC))
        return found


def fit_recurrence(text: str, **given: Any) -> Recurrence:
    """The `Recurrence` of these arguments, refused with `UnfitRule` when it is not one of days.

    That is, when it gives more than one time a day, or its COUNT is not reached within a century, for which the engine
    would have to count through all years there are. Raises `InvalidRecurrence` besides.
    """
    rules = parse_text(text).rules
    for rule in rules:
        if rule.frequency.subdaily:
            raise UnfitRule(f"a calendar holds days: use FREQ=DAILY or longer, not FREQ={rule.frequency.name}")
        if max(len(rule.hours), len(rule.minutes), len(rule.seconds)) > 1:
            raise UnfitRule("a calendar holds days: give at most one BYHOUR, BYMINUTE and BYSECOND")
        if rule.count is not None and rule.count > _LARGEST_COUNT:
            raise UnfitRule(f"a calendar's COUNT may be at most {_LARGEST_COUNT}: use UNTIL")
    recurrence = Recurrence(text, **given)
    for rule in rules:
        if rule.count is not None and not _is_counted_soon(rule, recurrence):
            raise UnfitRule("COUNT is not reached within a century: use UNTIL")
    return recurrence


def _is_counted_soon(rule: Rule, recurrence: Recurrence) -> bool:
    endless = stream_of(
        replace(rule, count=None), start=recurrence.dtstart, zone=recurrence.zone, policy=recurrence.dst_policy
    )
    start = recurrence.dtstart.replace(tzinfo=UTC)
    instants = takewhile(lambda instant: instant < start + _CENTURY, endless.after(start - _MARGIN))
    return sum(1 for _ in islice(instants, rule.count)) == rule.count


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
