"""What a rule repeats: which days of the calendar, and which seconds of such a day.

A pattern never holds less than its rule gives. It holds more where the INTERVAL of weeks, months or years passes over
days, where that of a grid does not divide a day, and where BYSETPOS gives different days different times.
"""

from abc import ABC, abstractmethod
from functools import cache, cached_property

from schedules.dst import DstPolicy
from schedules.recurrence.changes import DAY
from schedules.recurrence.day_times import GridTimes
from schedules.recurrence.days import CYCLE_DAYS
from schedules.recurrence.grid import GridWalk
from schedules.recurrence.periods import PeriodWalk

NO_GAP = 1 << 62
_NEAR = 16
_SET = ord("1")
_MONTH = 31
_STEPS = 200  # of a grid, after which a distance is answered that is smaller than the true one


class Pattern(ABC):
    """Days and times of one rule.

    days: 400 years as bits, ordinal 1 the lowest. policy: how each local time is resolved; None when instants come first and
    are only read by the clock.
    """

    days: int
    policy: DstPolicy | None

    @abstractmethod
    def times(self, offset: int) -> int:
        """The seconds of a day as bits, read with an offset of the zone."""

    def own_gap(self, offset: int) -> int:
        """The smallest distance (seconds) of two of the rule's instants, or less, while an offset is in force."""
        times = self.times(offset)
        if not times or not self.days:
            return NO_GAP
        return min(smallest_gap(times), days_between(self.days, self.days) * DAY - _width(times))

    def gap_at_changes(self) -> int | None:
        """The same where clocks change; None when it follows from days and times."""
        return None

    def has(self, day: int) -> bool:
        return self._membership[(day - 1) % CYCLE_DAYS] == _SET

    @cached_property
    def _membership(self) -> bytes:
        return f"{self.days:0{CYCLE_DAYS}b}"[::-1].encode()

    def between(self, offset: int, low: int, high: int) -> int:
        """The local times in [low, high), as read with an offset, as bits; the lowest is `low`."""
        times = self.times(offset)
        found = 0
        for day in range(low // DAY, -(-high // DAY)):
            if self.has(day):
                place = day * DAY - low
                found |= times << place if place >= 0 else times >> -place
        return found & ((1 << max(high - low, 0)) - 1)


class FixedPattern(Pattern):
    """The same times on every day that it has."""

    def __init__(self, days: int, times: int, policy: DstPolicy | None) -> None:
        self.days, self._times, self.policy = days, times, policy

    def times(self, _offset: int) -> int:
        return self._times


class PeriodPattern(FixedPattern):
    """A rule of days and longer."""

    def __init__(self, walk: PeriodWalk, policy: DstPolicy) -> None:
        super().__init__(walk.cycle, walk.bits_of_any_day, policy)
        self._walk = walk

    def own_gap(self, _offset: int) -> int:
        if not self._times or not self.days:
            return NO_GAP
        apart = days_between(self.days, self.days, every=self._walk.days_apart)
        in_one_day = min(map(smallest_gap, self._walk.kinds_of_day), default=NO_GAP)
        return min(in_one_day, apart * DAY - _width(self._times))


class GridPattern(Pattern):
    """A rule of hours and shorter."""

    def __init__(self, walk: GridWalk, policy: DstPolicy | None) -> None:
        self._walk = walk
        self.days = walk.cycle
        self.policy = policy
        self._divides = DAY % walk.step == 0
        self._grids: dict[int, int] = {}

    def times(self, offset: int) -> int:
        into_line = 0 if self.policy else offset  # the line of a rule that is read by the clock is local
        if into_line not in self._grids:
            self._grids[into_line] = self._times(into_line)
        return self._grids[into_line]

    def _times(self, offset: int) -> int:
        times = GridTimes(self._walk, offset=offset, start=0).of_any_day
        begin, width = self._walk.block
        if self._divides and self._walk.chooses and width > 1 and (begin + offset) % width == 0:
            chosen = cache(self._walk.chosen)  # most periods are alike
            times = sum(chosen(times >> at & (1 << width) - 1) << at for at in range(0, DAY, width))
        return times

    def own_gap(self, offset: int) -> int:
        if self._divides:
            return super().own_gap(offset)
        if not self.times(offset) or not self.days:
            return NO_GAP
        return self._gap_of_blocks(offset) if self._walk.block[1] > 1 else self._gap_of_steps(self.times(offset))

    def gap_at_changes(self) -> int | None:
        if self._divides or self.policy is not None:
            return None
        return self._walk.step - self._walk.block[1] + 1

    def _gap_of_blocks(self, offset: int) -> int:
        """For a grid that meets other times every day and gives several instants a period: within one, and to the next."""
        (begin, width), times = self._walk.block, self._walk.allowed.bits
        blocks = {times >> at & (1 << width) - 1 for at in range(0, DAY, width)} - {0}
        if (begin + (0 if self.policy else offset)) % width:
            # A period begins in one block and ends in the next.
            return min([self._walk.step - width + 1, *(smallest_gap(block | block << width) for block in blocks)])
        lowest, highest = min(map(_lowest, blocks)), max(block.bit_length() - 1 for block in blocks)
        return min([self._walk.step - highest + lowest, *map(smallest_gap, blocks)])

    def _gap_of_steps(self, times: int) -> int:
        """For such a grid with one instant a period: the first multiple of its step that leads from a time to a time."""
        step = self._walk.step
        for distance in range(step, _STEPS * step + 1, step):
            if self._leads(times, distance):
                return distance
        return (_STEPS + 1) * step

    def _leads(self, times: int, distance: int) -> bool:
        days, seconds = divmod(distance, DAY)
        same, next_ = self._meet(days), self._meet(days + 1)
        return bool((same and times & times >> seconds) or (next_ and times & times << (DAY - seconds)))

    def _meet(self, days: int) -> bool:
        days %= CYCLE_DAYS
        return bool(self.days & (self.days >> days | self.days << (CYCLE_DAYS - days)))


def smallest_gap(bits: int) -> int:
    """The smallest distance of two bits that are set; `NO_GAP` when there are not two."""
    for distance in range(1, _NEAR):
        if bits & bits >> distance:
            return distance
    # No more than one in sixteen is set.
    marks = f"{bits:b}"
    smallest, last = NO_GAP, marks.find("1")
    while last >= 0 and (place := marks.find("1", last + 1)) >= 0:
        smallest, last = min(smallest, place - last), place
    return smallest


def days_between(one: int, other: int, *, every: int = 1) -> int:
    """The fewest days, a multiple of `every`, from a day of one calendar to a later one of another.

    Exact up to a month, and for `one` itself; else a month is the answer.
    """
    twice = other | other << CYCLE_DAYS
    for days in range(every, _MONTH * every + 1, every):
        if one & twice >> days:
            return days
    if one == other and every == 1:
        return smallest_gap(twice)
    return _MONTH * every


def _width(bits: int) -> int:
    """From the lowest bit that is set to the highest."""
    return bits.bit_length() - 1 - _lowest(bits)


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1
