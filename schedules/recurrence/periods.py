"""Which local times a rule of FREQ=DAILY and longer gives, from any point on.

A rule's periods are numbered (years, months, weeks, days), so the walk begins at the aligned period that holds the
point and never at DTSTART: the cost does not depend on how old the rule is. Nothing of a period is made before it is
asked for, and BYSETPOS counts within the whole period without making it. The calendar repeats every 400 years; a rule
that gave nothing for one such cycle of its own periods never will, so the walk ends there.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property, reduce
from itertools import islice
from math import lcm
from operator import or_

from schedules.recurrence.day_bits import first_day
from schedules.recurrence.days import CYCLE_DAYS, LAST_DAY, DayParts, as_bits, week_of
from schedules.recurrence.rule import Frequency, Rule
from schedules.recurrence.times import TimesOfDay

_CYCLE = {
    Frequency.YEARLY: 400,
    Frequency.MONTHLY: 4800,
    Frequency.WEEKLY: CYCLE_DAYS // 7,
    Frequency.DAILY: CYCLE_DAYS,
}
_IN_VAIN = 4  # periods, before arithmetic is asked


class PeriodWalk:
    """The local times of one rule; `start` is its DTSTART, naive and local."""

    def __init__(self, rule: Rule, start: datetime) -> None:
        assert not rule.frequency.subdaily
        rule = _with_implied_days(rule, start)
        self._rule = rule
        self._start = start
        self._parts = DayParts.of(rule)
        self._times = TimesOfDay.of(rule, start)
        self._anchor = self._number(start.date())
        self._cycle = lcm(_CYCLE[rule.frequency], rule.interval)
        self._last = self._number(date.fromordinal(LAST_DAY))

    @cached_property
    def most_in_a_period(self) -> int:
        """As many times as one period can give, or more."""
        most = max(max(self._numbers_of_days) * len(self._times), 1)
        return min(most, len(self._rule.positions) or most)

    @property
    def differs_by_day(self) -> bool:
        """Whether the days of the rule may have different times."""
        return bool(self._rule.positions) and self._rule.frequency != Frequency.DAILY

    @property
    def cycle(self) -> int:
        """400 years of days that the rule may have, as bits; ordinal 1 is the lowest. INTERVAL is left out."""
        return self._parts.cycle_of_months if self._rule.frequency == Frequency.MONTHLY else self._parts.cycle

    @property
    def days_apart(self) -> int:
        """All its days are a multiple of so many days apart."""
        return self._rule.interval if self._rule.frequency == Frequency.DAILY else 1

    @cached_property
    def kinds_of_day(self) -> list[int]:
        """The seconds that a day of the rule may have, as bits, for every kind of such a day."""
        if not self.differs_by_day:
            return [self.bits_of_day]
        places: dict[tuple[int, int], set[int]] = defaultdict(set)
        for days in self._numbers_of_days:
            for index in self._indexes(days):
                day, place = divmod(index, len(self._times))
                places[days, day].add(self._times.second(place))
        return [as_bits(seconds, 86_400) for seconds in {frozenset(seconds) for seconds in places.values()}]

    @property
    def bits_of_any_day(self) -> int:
        """The seconds that any day of the rule may have, as bits."""
        return reduce(or_, self.kinds_of_day, 0)

    @property
    def bits_of_day(self) -> int:
        """The seconds of every day of the rule as bits, when they do not differ."""
        if self._rule.positions:
            return as_bits(map(self._times.second, self._indexes(1)), 86_400)
        return self._times.bits

    def chosen_seconds(self, day: int) -> tuple[int, ...]:
        """What BYSETPOS leaves of one day of the rule, as seconds since midnight."""
        days = self._days_of(self._number(date.fromordinal(day)))
        begin = days.index(day) * len(self._times)
        indexes = (index - begin for index in self._indexes(len(days)))
        return tuple(self._times.second(index) for index in indexes if 0 <= index < len(self._times))

    def has_day(self, day: int) -> bool:
        """Whether a day is among the rule's, be it before DTSTART."""
        number = self._number(date.fromordinal(day))
        return (number - self._anchor) % self._rule.interval == 0 and day in self._days_of(number)

    def days_of_year(self, year: int) -> list[int]:
        """The rule's days in a calendar year, be they before DTSTART."""
        interval, anchor = self._rule.interval, self._anchor
        match self._rule.frequency:
            case Frequency.YEARLY:
                return [] if (year - anchor) % interval else self._parts.of_year(year)
            case Frequency.MONTHLY:
                months = range(12 * year + (anchor - 12 * year) % interval, 12 * year + 12, interval)
                return [day for number in months for day in self._days_of(number)]
            case Frequency.WEEKLY:
                first = (1 + self._rule.week_start) % 7  # the first day of week 0
                return [day for day in self._parts.of_year(year) if ((day - first) // 7 - anchor) % interval == 0]
            case _:
                return [day for day in self._parts.of_year(year) if (day - anchor) % interval == 0]

    def from_(self, local: datetime) -> Iterator[datetime]:
        """Ascending naive local times at or after `local` (and DTSTART)."""
        first = max(local, self._start)
        for number in self._numbers_from(first.date()):
            for local_ in self._times_of(number, first):
                if local_ >= first:
                    yield local_

    def _numbers_from(self, day: date) -> Iterator[int]:
        """The numbers of the periods that hold days of the rule, from the one that holds or precedes `day`."""
        interval = self._rule.interval
        number = self._anchor + (self._number(day) - self._anchor) // interval * interval
        barren_from = number + self._cycle
        vain = 0
        while number <= min(self._last, barren_from) and self._times:
            if self._is_barren(number):
                vain += 1
                if vain == _IN_VAIN and self._is_hopeless:
                    return
                following = self._next_day(number) if vain > _IN_VAIN else number + interval
                if following is None:
                    return
                number = following
                continue
            yield number
            vain = 0
            number += interval
            barren_from = number + self._cycle

    def _is_barren(self, number: int) -> bool:
        """Whether the period gives no times."""
        days = self._days_of(number)
        if not days or not self._rule.positions:
            return not days
        return not self._indexes(len(days))

    def _next_day(self, number: int) -> int | None:
        if self._rule.frequency != Frequency.DAILY:
            return number + self._rule.interval
        residue = 1 << self._anchor % self._rule.interval if self._rule.interval <= LAST_DAY else 0
        return first_day(self._parts.cycle, residues=residue, modulus=self._rule.interval, first=number)

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

    def _times_of(self, number: int, first: datetime) -> Iterator[datetime]:
        """The period's times in order; those of days before `first` may be left out."""
        days = self._days_of(number)
        if self._rule.positions:
            for index in self._indexes(len(days)):
                day, place = divmod(index, len(self._times))
                yield datetime.combine(date.fromordinal(days[day]), self._times[place])
            return
        for day in islice(days, bisect_left(days, first.toordinal()), None):
            when = date.fromordinal(day)
            begin = bisect_left(self._times, first.time()) if day == first.toordinal() else 0
            times = map(self._times.__getitem__, range(begin, len(self._times))) if begin else self._times
            for at in times:
                yield datetime.combine(when, at)

    def _indexes(self, days: int) -> list[int]:
        """Which of the period's times BYSETPOS chooses, counted from 0."""
        size = days * len(self._times)
        return sorted({at - 1 if at > 0 else size + at for at in self._rule.positions if 1 <= abs(at) <= size})

    @cached_property
    def _numbers_of_days(self) -> frozenset[int]:
        """How many days one period may have, in whatever year."""
        match self._rule.frequency:
            case Frequency.YEARLY:
                return self._parts.sizes_of_years
            case Frequency.MONTHLY:
                return self._parts.sizes_of_months
            case Frequency.WEEKLY:
                return frozenset(range(len(self._rule.weekdays) + 1))
            case _:
                return frozenset([0, 1])

    @cached_property
    def _is_hopeless(self) -> bool:
        """Whether no period of any year has a day, or BYSETPOS lies beyond every set."""
        most = max(self._numbers_of_days)
        return not most or (bool(self._rule.positions) and not any(map(self._indexes, self._numbers_of_days)))


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
