"""Which local times a rule of FREQ=DAILY and longer gives, from any point on.

A rule's periods are numbered (years, months, weeks, days), so the walk begins at the aligned period that holds the
point and never at DTSTART: the cost does not depend on how old the rule is. Whole periods are always made anew, which
keeps BYSETPOS sound. The calendar repeats every 400 years; a rule that gave nothing for one such cycle of its own
periods never will, so the walk ends there.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from datetime import MAXYEAR, date, datetime, time
from itertools import product
from math import lcm

from schedules.recurrence.days import CYCLE_DAYS, LAST_DAY, DayParts, week_of
from schedules.recurrence.rule import Frequency, Rule

_CYCLE = {
    Frequency.YEARLY: 400,
    Frequency.MONTHLY: 4800,
    Frequency.WEEKLY: CYCLE_DAYS // 7,
    Frequency.DAILY: CYCLE_DAYS,
}
_MOST_DAYS = {Frequency.YEARLY: 366, Frequency.MONTHLY: 31, Frequency.WEEKLY: 7, Frequency.DAILY: 1}


class PeriodWalk:
    """The local times of one rule; `start` is its DTSTART, naive and local."""

    def __init__(self, rule: Rule, start: datetime) -> None:
        assert not rule.frequency.subdaily
        rule = _with_implied_days(rule, start)
        self._rule = rule
        self._start = start
        self._parts = DayParts.of(rule)
        self._times = () if _chooses_nothing(rule, start) else _times(rule, start)
        self._anchor = self._number(start.date())
        self._cycle = lcm(_CYCLE[rule.frequency], rule.interval)
        self._last = self._number(date.fromordinal(LAST_DAY))

    @property
    def most_in_a_period(self) -> int:
        return max(_MOST_DAYS[self._rule.frequency] * len(self._times), 1)

    def from_(self, local: datetime) -> Iterator[datetime]:
        """Ascending naive local times at or after `local` (and DTSTART)."""
        first = max(local, self._start)
        interval = self._rule.interval
        number = self._anchor + (self._number(first.date()) - self._anchor) // interval * interval
        barren_from = number + self._cycle
        while number <= min(self._last, barren_from) and self._times:
            times = self._times_of(number)
            yield from times[bisect_left(times, first) :]
            number += interval
            if times:
                barren_from = number + self._cycle
            elif self._rule.frequency == Frequency.DAILY:
                number = self._at_next_month(number)

    def _number(self, day: date) -> int:
        """Which period a day lies in."""
        match self._rule.frequency:
            case Frequency.YEARLY:
                return day.year
            case Frequency.MONTHLY:
                return 12 * day.year + day.month - 1
            case Frequency.WEEKLY:
                return week_of(day.toordinal(), self._rule.week_start) // 7
            case _:
                return day.toordinal()

    def _days_of(self, number: int) -> list[int]:
        match self._rule.frequency:
            case Frequency.YEARLY:
                return self._parts.of_year(number)
            case Frequency.MONTHLY:
                year, month = divmod(number, 12)
                return self._parts.of_month(year, month + 1)
            case Frequency.WEEKLY:
                # Weeks are numbered by where their first day stands among all days, so the offset is the same for all.
                return self._parts.of_week(week_of(7 * number + 6, self._rule.week_start))
            case _:
                return self._parts.of_day(number)

    def _times_of(self, number: int) -> list[datetime]:
        days = [date.fromordinal(day) for day in self._days_of(number)]
        if not self._rule.positions:
            return [datetime.combine(day, at) for day in days for at in self._times]
        size = len(days) * len(self._times)
        indexes = {at - 1 if at > 0 else size + at for at in self._rule.positions}
        places = (divmod(index, len(self._times)) for index in sorted(indexes) if 0 <= index < size)
        return [datetime.combine(days[day], self._times[at]) for day, at in places]

    def _at_next_month(self, number: int) -> int:
        """Passes over the days of months that BYMONTH does not name; keeps the INTERVAL's phase."""
        if not self._rule.months or number > LAST_DAY:
            return number
        day = date.fromordinal(number)
        if day.month in self._rule.months:
            return number
        following = next((month for month in self._rule.months if month > day.month), None)
        year, month = (day.year, following) if following else (day.year + 1, self._rule.months[0])
        if year > MAXYEAR:
            return self._last + 1
        behind = date(year, month, 1).toordinal() - number
        return number + -(-behind // self._rule.interval) * self._rule.interval


def _with_implied_days(rule: Rule, start: datetime) -> Rule:
    """The rule with the days that DTSTART implies written out."""
    if rule.week_numbers and not (rule.weekdays or rule.month_days or rule.year_days):
        return replace(rule, weekdays=(start.weekday(),))
    if rule.weekdays or rule.numbered_weekdays or rule.month_days or rule.year_days or rule.week_numbers:
        return rule
    match rule.frequency:
        case Frequency.YEARLY:
            return replace(rule, months=rule.months or (start.month,), month_days=(start.day,))
        case Frequency.MONTHLY:
            return replace(rule, month_days=(start.day,))
        case Frequency.WEEKLY:
            return replace(rule, weekdays=(start.weekday(),))
        case _:
            return rule


def _chooses_nothing(rule: Rule, start: datetime) -> bool:
    """Whether BYSETPOS lies beyond the largest set that a period can give."""
    days = len(rule.weekdays) if rule.frequency == Frequency.WEEKLY else _MOST_DAYS[rule.frequency]
    largest = days * len(_times(rule, start))
    return bool(rule.positions) and all(abs(at) > largest for at in rule.positions)


def _times(rule: Rule, start: datetime) -> tuple[time, ...]:
    """The times of day; BYSECOND=60 never matches, since no zone database knows leap seconds."""
    seconds = tuple(second for second in rule.seconds if second < 60) if rule.seconds else (start.second,)
    return tuple(
        time(*parts) for parts in product(rule.hours or (start.hour,), rule.minutes or (start.minute,), seconds)
    )
