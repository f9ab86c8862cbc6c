"""Which seconds of a day does a rule choose, while clocks do not change?

A day's seconds are the bits of one number, so that they are counted, cut and shifted in one step.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Hashable
from functools import lru_cache
from math import gcd

from schedules.recurrence.changes import DAY
from schedules.recurrence.day_bits import repeated
from schedules.recurrence.days import LAST_DAY, as_bits, year_of
from schedules.recurrence.grid import GridWalk
from schedules.recurrence.periods import PeriodWalk

_REMEMBERED = 4_000
_FEW_A_DAY = 600  # seconds from period to period, from which on each is looked at


class DayTimes(ABC):
    """The local times of one rule from `start`, a second of the local line, on; COUNT and UNTIL do not end them."""

    def __init__(self, start: int) -> None:
        self.first_day, self._first_second = divmod(start, DAY)
        self._size = lru_cache(maxsize=_REMEMBERED)(self._size_of)
        self._bits = lru_cache(maxsize=4)(self._bits_of)

    @abstractmethod
    def days_of(self, year: int) -> list[int]:
        """The days of a year that may have times, before DTSTART too."""

    @abstractmethod
    def _has(self, day: int) -> bool:
        """Whether a day is one of those."""

    @property
    @abstractmethod
    def _alike(self) -> bool:
        """Whether all days are of one kind."""

    @abstractmethod
    def _kind_of(self, day: int) -> Hashable:
        """Equal for days with the same times."""

    @abstractmethod
    def _bits_of(self, kind: Hashable) -> int:
        """The times of such days."""

    def bits_of(self, day: int) -> int:
        """The seconds of a day as bits."""
        if not self.first_day <= day < LAST_DAY or not self._has(day):
            return 0
        bits = self._bits(self._kind_of(day))
        return bits >> self._first_second << self._first_second if day == self.first_day else bits

    def between(self, low: int, high: int) -> int:
        """The seconds of [low, high) on the local line as bits; the lowest is `low`."""
        bits = 0
        for day in range(low // DAY, -(-high // DAY)):
            place = day * DAY - low
            bits |= self.bits_of(day) << place if place >= 0 else self.bits_of(day) >> -place
        return bits & ((1 << (high - low)) - 1)

    def count(self, low: int, high: int) -> int:
        """How many seconds of [low, high) are chosen."""
        first, end = -(-low // DAY), high // DAY
        if first >= end:
            return self.between(low, high).bit_count()
        edges = self.between(low, first * DAY).bit_count() + self.between(end * DAY, high).bit_count()
        return edges + sum(self._count_in(year, first, end) for year in range(year_of(first), year_of(end - 1) + 1))

    def _count_in(self, year: int, first: int, end: int) -> int:
        """The same for the days of a year that are in [first, end)."""
        days = self.days_of(year)
        days = days[bisect_left(days, max(first, self.first_day + 1)) : bisect_left(days, min(end, LAST_DAY))]
        of_first_day = self.bits_of(self.first_day).bit_count() if self._starts_in(year, first, end) else 0
        if self._alike:
            return of_first_day + len(days) * self._size(self._kind_of(days[0])) if days else of_first_day
        return of_first_day + self._size_of_all(days)

    def _size_of_all(self, days: list[int]) -> int:
        return sum(map(self._size, map(self._kind_of, days)))

    def _starts_in(self, year: int, first: int, end: int) -> bool:
        return first <= self.first_day < end and year_of(self.first_day) == year

    def _size_of(self, kind: Hashable) -> int:
        return self._bits_of(kind).bit_count()


class PeriodTimes(DayTimes):
    """Of a rule of days and longer. BYSETPOS may give every day other times; then these are the kind."""

    def __init__(self, walk: PeriodWalk, start: int) -> None:
        super().__init__(start)
        self._walk = walk

    def days_of(self, year: int) -> list[int]:
        return self._walk.days_of_year(year)

    def _has(self, day: int) -> bool:
        return self._walk.has_day(day)

    @property
    def _alike(self) -> bool:
        return not self._walk.differs_by_day

    def _kind_of(self, day: int) -> Hashable:
        return self._walk.chosen_seconds(day) if self._walk.differs_by_day else None

    def _bits_of(self, kind: Hashable) -> int:
        return as_bits(kind, DAY) if isinstance(kind, tuple) else self._walk.bits_of_day

    def _size_of(self, kind: Hashable) -> int:
        return len(kind) if isinstance(kind, tuple) else super()._size_of(kind)


class GridTimes(DayTimes):
    """Of a rule of hours and shorter, read with one offset. Not for BYSETPOS, which chooses from a period, not from a day.

    The kind of a day is how far into it the first period begins.
    """

    def __init__(self, walk: GridWalk, *, offset: int, start: int) -> None:
        super().__init__(start)
        self._walk = walk
        self._start = start
        self._sizes: dict[int, int] = {}  # of each kind of day
        self._begin, self._width = walk.block
        self._begin += offset
        self._allowed, self._table = walk.allowed.bits, walk.allowed_table

    @property
    def of_any_day(self) -> int:
        """The seconds that any day of the rule may have, as bits."""
        return self._repeated(self._begin, gcd(self._walk.step, DAY))

    def days_of(self, year: int) -> list[int]:
        return self._walk.days_of_year(year)

    def _has(self, day: int) -> bool:
        return self._walk.has_day(day)

    @property
    def _alike(self) -> bool:
        return DAY % self._walk.step == 0

    def _kind_of(self, day: int) -> int:
        return (self._begin - day * DAY) % self._walk.step

    def _bits_of(self, kind: Hashable) -> int:
        assert isinstance(kind, int)
        step = self._walk.step
        if step >= DAY:
            return sum(self._period_of(place) << max(place, 0) for place in (kind - step, kind))
        return self._repeated(kind, step)

    def _repeated(self, begin: int, step: int) -> int:
        """The allowed seconds of periods that begin so far into a day, and every `step` before and after it."""
        # One period more, which may reach into the day from the one before.
        bits = (
            repeated((1 << min(self._width, step)) - 1, every=step, length=DAY + step) >> (step - begin % step) % step
        )
        return bits & self._allowed

    def _period_of(self, place: int) -> int:
        """The allowed seconds of the period that begins so far into a day, as bits from its beginning in that day on."""
        width = self._width + min(place, 0)
        return self._allowed >> max(place, 0) & (1 << width) - 1 if width > 0 else 0

    def _size_of(self, kind: Hashable) -> int:
        assert isinstance(kind, int)
        step, width = self._walk.step, self._width
        if step < _FEW_A_DAY:
            return super()._size_of(kind)
        places = range(kind - step, DAY, step)
        return sum(self._table.count(1, max(place, 0), max(place + width, 0)) for place in places)

    def _size_of_all(self, days: list[int]) -> int:
        begin, step, sizes = self._begin, self._walk.step, self._sizes
        kinds = [(begin - day * DAY) % step for day in days]
        for kind in set(kinds).difference(sizes):
            sizes[kind] = self._size_of(kind)
        return sum([sizes[kind] for kind in kinds])

    def count(self, low: int, high: int) -> int:
        step = self._walk.step
        if step <= DAY:
            return super().count(low, high)
        # Fewer periods than days: each is looked at.
        reached = max(low, self._start) - self._width + 1
        if self._width == 1:
            seconds = range(reached + (self._begin - reached) % step, high, step)
            allowed = [second for second in seconds if self._table[second % DAY]]
            return sum(self._has(second // DAY) for second in allowed)
        found = 0
        for begin in range(reached + (self._begin - reached) % step, high, step):
            first, end = max(begin, low, self._start), min(begin + self._width, high)
            if first // DAY != (end - 1) // DAY:
                found += self.between(first, end).bit_count()
            elif size := self._table.count(1, first % DAY, (end - 1) % DAY + 1):
                found += size if self._has(first // DAY) else 0
        return found
