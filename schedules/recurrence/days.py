"""Which days of one year, month, week or day a rule's day parts choose.

Days are ordinals (`date.toordinal()`). What a rule chooses of a year follows from the weekday it begins on and from which years
near it are leap years, so a rule meets no more than a few kinds of year; of months likewise. Each kind is worked out once. A period's days are first listed by the most telling part, then filtered by the
others, as the table of RFC 5545 (3.3.10) says; python-dateutil agrees, and the tests hold the two together.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import MAXYEAR, date
from functools import cache, cached_property

from schedules.recurrence.rule import Rule

LAST_DAY = date(MAXYEAR, 12, 1).toordinal()  # an answer beyond it could not be moved between zones
CYCLE_DAYS = 146_097  # the Gregorian calendar repeats after 400 years, weekdays too
EVERY_DAY = (1 << CYCLE_DAYS) - 1


@dataclass(frozen=True)
class DayParts:
    """The day parts of a rule. An empty set does not limit; numbered weekdays count within the year or the month."""

    months: frozenset[int]
    month_days: frozenset[int]
    year_days: frozenset[int]
    week_numbers: frozenset[int]
    weekdays: frozenset[int]
    numbered_weekdays: frozenset[tuple[int, int]]
    week_start: int
    _kinds: dict[tuple[int, ...], tuple[int, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, rule: Rule) -> "DayParts":
        return cls(
            months=frozenset(rule.months),
            month_days=frozenset(rule.month_days),
            year_days=frozenset(rule.year_days),
            week_numbers=frozenset(rule.week_numbers),
            weekdays=frozenset(rule.weekdays),
            numbered_weekdays=frozenset(rule.numbered_weekdays),
            week_start=rule.week_start,
        )

    def of_year(self, year: int) -> list[int]:
        first = first_of_year(year)
        return [first + index for index in self.indexes_of_year(year)]

    def indexes_of_year(self, year: int) -> tuple[int, ...]:
        """The days chosen of a year, counted from its first, 0."""
        kind = kind_of_year(year)
        if kind not in self._kinds:
            first = first_of_year(year)
            self._kinds[kind] = tuple(day - first for day in self._chosen_of_year(year))
        return self._kinds[kind]

    @cached_property
    def cycle(self) -> int:
        """The days chosen of the 400 years after which the calendar repeats, as bits: ordinal 1 is the lowest."""
        return _cycle(self.indexes_of_year)

    @cached_property
    def cycle_of_months(self) -> int:
        """The same for the days chosen of each month by itself."""
        return _cycle(lambda year: [day - first_of_year(year) for day in self._days_of_months(year)])

    def _days_of_months(self, year: int) -> list[int]:
        return [day for month in range(1, 13) for day in self.of_month(year, month)]

    @cached_property
    def sizes_of_years(self) -> frozenset[int]:
        return frozenset(len(self.indexes_of_year(year)) for year in _years_of_each_kind())

    @cached_property
    def sizes_of_months(self) -> frozenset[int]:
        # In 28 years without an exception each month begins on each weekday, February of a leap year too.
        return frozenset(len(self.of_month(year, month)) for year in range(2001, 2029) for month in range(1, 13))

    def _chosen_of_year(self, year: int) -> list[int]:
        if self.week_numbers:
            return [day for day in self._days_of_weeks(year) if self.match(day)]
        if self.year_days:
            days = _numbered(self.year_days, *_year(year))
            return self._on_weekdays([day for day in days if self._in_month_parts(day)], self._spans(year))
        if self.months:
            return [day for month in sorted(self.months) for day in self._chosen_of_month(year, month)]
        if self.month_days:
            months = (_month(year, month) for month in range(1, 13))
            days = [day for span in months for day in _numbered(self.month_days, *span)]
            return self._on_weekdays(days, self._spans(year))
        return self._on_weekdays(range(*_year(year)), self._spans(year))

    def of_month(self, year: int, month: int) -> list[int]:
        first, end = _month(year, month)
        kind = (month, end - first, first % 7)
        if kind not in self._kinds:
            self._kinds[kind] = tuple(day - first for day in self._chosen_of_month(year, month))
        return [first + index for index in self._kinds[kind]]

    def _chosen_of_month(self, year: int, month: int) -> list[int]:
        if self.months and month not in self.months:
            return []
        span = _month(year, month)
        days = _numbered(self.month_days, *span) if self.month_days else range(*span)
        return self._on_weekdays(days, [span])

    def of_week(self, first: int) -> list[int]:
        """The days of the week that begins on `first`."""
        return [day for day in range(first, first + 7) if self.match(day)]

    def of_day(self, day: int) -> list[int]:
        return [day] if self.match(day) else []

    def match(self, day: int) -> bool:
        """Whether a day satisfies the parts that can be told of a day alone: all but BYWEEKNO and numbered weekdays."""
        if self.weekdays and (day - 1) % 7 not in self.weekdays:
            return False
        if self.year_days:
            year = date.fromordinal(day).year
            if not _is_numbered(day, self.year_days, *_year(year)):
                return False
        return self._in_month_parts(day)

    def next_match(self, day: int) -> int | None:
        """The first day after `day` that matches; None when 400 years, after which all dates repeat, hold none."""
        for near in range(day + 1, min(day + 32, LAST_DAY)):
            if self.match(near):
                return near
        first = date.fromordinal(min(day + 1, LAST_DAY)).year
        for year in range(first, min(first + 401, MAXYEAR + 1)):
            found = next((match for match in self.of_year(year) if match > day), None)
            if found is not None:
                return found
        return None

    def _in_month_parts(self, day: int) -> bool:
        if not self.months and not self.month_days:
            return True
        when = date.fromordinal(day)
        if self.months and when.month not in self.months:
            return False
        return not self.month_days or _is_numbered(day, self.month_days, *_month(when.year, when.month))

    def _spans(self, year: int) -> list[tuple[int, int]]:
        """What numbered weekdays of a year count within: its months that BYMONTH names, else the year."""
        return [_month(year, month) for month in self.months] or [_year(year)]

    def _on_weekdays(self, days: Iterable[int], spans: list[tuple[int, int]]) -> list[int]:
        """Of `days`, those that BYDAY names; its numbers count within each of the spans [first, end)."""
        if not self.weekdays and not self.numbered_weekdays:
            return list(days)
        numbered = {day for span in spans for day in _numbered_weekdays(self.numbered_weekdays, *span)}
        return [day for day in days if (day - 1) % 7 in self.weekdays or day in numbered]

    def _days_of_weeks(self, year: int) -> list[int]:
        """The days of a calendar year that lie in the weeks of BYWEEKNO; its edges belong to its neighbours' weeks."""
        first, end = _year(year)
        days: set[int] = set()
        for week_year in (year - 1, year, year + 1):
            start, weeks = self._weeks(week_year)
            for number in self.week_numbers:
                index = number - 1 if number > 0 else weeks + number
                if 0 <= index < weeks:
                    days.update(range(start + 7 * index, start + 7 * index + 7))
        return sorted(day for day in days if first <= day < end)

    def _weeks(self, year: int) -> tuple[int, int]:
        """The first day of a year's week 1, the first with four of its days (RFC 5545), and its number of weeks."""
        start, following = (self._first_week(y) for y in (year, year + 1))
        return start, (following - start) // 7

    def _first_week(self, year: int) -> int:
        return week_of(_year(year)[0] + 3, self.week_start)


def week_of(day: int, week_start: int) -> int:
    """The first day of the week that holds `day`."""
    return day - (day - 1 - week_start) % 7


def year_of(day: int) -> int:
    return date.fromordinal(day).year


def as_bits(numbers: Iterable[int], limit: int) -> int:
    """The numbers, from 0 to below the limit, as bits."""
    marks = bytearray(b"0") * limit
    for number in numbers:
        marks[~number] = ord("1")
    return int(marks, 2)


def kind_of_year(year: int) -> tuple[int, ...]:
    """What all that a rule may choose of a year depends on; equal for two years that are alike, also at their edges."""
    return (first_of_year(year) % 7, is_leap(year - 1), is_leap(year), is_leap(year + 1))


@cache
def _years_of_each_kind() -> tuple[int, ...]:
    return tuple({kind_of_year(year): year for year in range(1, 401)}.values())


def _cycle(indexes_of: Callable[[int], Iterable[int]]) -> int:
    """400 years as bits, from which days of each year are chosen."""
    kinds: dict[tuple[int, ...], int] = {}
    total = 0
    for year in range(400, 0, -1):
        kind = kind_of_year(year)
        if kind not in kinds:
            kinds[kind] = as_bits(indexes_of(year), 366)
        total = total << (365 + is_leap(year)) | kinds[kind]
    return total


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def first_of_year(year: int) -> int:
    before = year - 1
    return before * 365 + before // 4 - before // 100 + before // 400 + 1


def _year(year: int) -> tuple[int, int]:
    first = first_of_year(year)
    return first, first + 365 + is_leap(year)


def _month(year: int, month: int) -> tuple[int, int]:
    first = date(year, month, 1).toordinal()
    return first, first + monthrange(year, month)[1]


def _numbered(numbers: Iterable[int], first: int, end: int) -> list[int]:
    """The days that the numbers name, from the first day (1) or from the last (-1)."""
    days = {first + number - 1 if number > 0 else end + number for number in numbers}
    return sorted(day for day in days if first <= day < end)


def _is_numbered(day: int, numbers: frozenset[int], first: int, end: int) -> bool:
    return day - first + 1 in numbers or day - end in numbers


def _numbered_weekdays(numbered: Iterable[tuple[int, int]], first: int, end: int) -> Iterator[int]:
    for number, weekday in numbered:
        if number > 0:
            day = first + (weekday - (first - 1)) % 7 + 7 * (number - 1)
        else:
            last = end - 1
            day = last - (last - 1 - weekday) % 7 + 7 * (number + 1)
        if first <= day < end:
            yield day
