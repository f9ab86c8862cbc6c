"""Which instants a rule of FREQ=HOURLY, MINUTELY or SECONDLY gives, from any point on.

Such a rule is a grid on a line of seconds: DTSTART's hour (minute, second) and every INTERVAL-th after it. The line is
real time, so that a day with 23 hours has 23 of them, or for the `wall` policy the naive local reading. A period gives
instants when its local reading satisfies the BY parts.

    line   ──┬────┬────┬────┬────┬────┬──   A + k x step
             ▲ period p                     local = p + offset(p)

The walk leaps over what cannot match. When it keeps landing on nothing, `reachable.py` names the next day on which it
may, or says never. Only what it cannot see, a time of a day on which clocks change, is still looked for in vain, and
that a fixed number of times.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import product
from typing import Protocol
from zoneinfo import ZoneInfo

from schedules.recurrence import changes
from schedules.recurrence.changes import DAY
from schedules.recurrence.days import LAST_DAY, DayParts
from schedules.recurrence.reachable import Reachable
from schedules.recurrence.rule import Frequency, Rule
from schedules.recurrence.times import TimesOfDay

UNIT = {Frequency.HOURLY: 3600, Frequency.MINUTELY: 60, Frequency.SECONDLY: 1}
_LEAPS = 16  # in vain, before asking for a day
_HUNTS = 60  # days in vain, before saying never
_YEARS = 400  # in which an offset is not in force on the days that it would be needed
_END = LAST_DAY * DAY


class Line(Protocol):
    """What the local clock reads at a second of the line: the second and an offset."""

    def offset(self, second: int) -> int: ...

    def offsets_from(self, second: int) -> Collection[int]:
        """Every offset in force from a second on, or more."""
        ...

    def first_with(self, offset: int, second: int) -> int | None:
        """The first second from `second` on at which an offset is in force."""
        ...


@dataclass(frozen=True)
class RealTime:
    """The line is UTC, and a zone's clock is read."""

    zone: ZoneInfo

    def offset(self, second: int) -> int:
        return changes.offset_at(self.zone, second)

    def offsets_from(self, second: int) -> Collection[int]:
        return changes.offsets_from(self.zone, date.fromordinal(second // DAY).year)

    def first_with(self, offset: int, second: int) -> int | None:
        return changes.first_with(self.zone, offset, second)


@dataclass(frozen=True)
class ClockTime:
    """The line is the local clock itself."""

    def offset(self, _second: int) -> int:
        return 0

    def offsets_from(self, _second: int) -> Collection[int]:
        return (0,)

    def first_with(self, _offset: int, second: int) -> int | None:
        return second


class GridWalk:
    """The seconds of one rule on its line; `anchor` is where DTSTART, local `start`, lies on it."""

    def __init__(self, rule: Rule, start: datetime, *, anchor: int, line: Line) -> None:
        assert rule.frequency.subdaily
        self._rule = rule
        self._parts = DayParts.of(rule)
        self._unit = UNIT[rule.frequency]
        self._step = self._unit * rule.interval
        self._anchor = anchor
        self._into = (start.minute * 60 + start.second) % self._unit
        self._origin = anchor - self._into
        self._line = line
        self._hours, self._minutes = frozenset(rule.hours), frozenset(rule.minutes)
        # Minutes that are named, not DTSTART's own, are read at DTSTART's second.
        named = rule.minutes and self._unit == 3600
        self._seconds = frozenset(rule.seconds or ((start.second,) if named else ()))
        self._limited = rule.limits_days
        # Finer BY parts give several instants a period.
        self._expands = bool((rule.minutes and self._unit == 3600) or (rule.seconds and self._unit >= 60))

    @property
    def step(self) -> int:
        """Seconds from one period to the next."""
        return self._step

    @property
    def block(self) -> tuple[int, int]:
        """Where on the line the instants of one period may lie: from which second, and how many."""
        if not self._expands:
            return self._origin + self._into, 1
        if self._rule.minutes and self._unit == 3600:
            return self._origin, self._unit
        return self._origin + self._into - self._into % 60, 60

    @cached_property
    def allowed_seconds(self) -> int:
        """Which readings of a day the parts of hour, minute and second allow, as bits; BYSETPOS apart."""
        hours, minutes = self._rule.hours or range(24), self._rule.minutes or range(60)
        seconds = (second for second in self._seconds or range(60) if second < 60)
        return TimesOfDay(tuple(hours), tuple(minutes), tuple(seconds)).bits

    def has_day(self, day: int) -> bool:
        return not self._limited or self._parts.match(day)

    def days_of_year(self, year: int) -> list[int]:
        return self._parts.of_year(year)

    def from_(self, second: int) -> Iterator[int]:
        """Ascending seconds of the line at or after `second` (and DTSTART)."""
        first = max(second, self._anchor)
        period = None if self._is_empty else self._period_at(first)
        leaps = hunts = until = 0
        while period is not None and period < _END:
            found = self._instants_of(period)
            yield from (instant for instant in found if instant >= first)
            if found:
                leaps = hunts = until = 0
                period += self._step
            elif leaps < _LEAPS or period < until:
                leaps += 1
                period = self._leap(period)
            elif hunts < _HUNTS:
                hunts += 1
                day = self._next_hunt(period)
                until = day + DAY if day is not None else 0
                period = max(self._period_reaching(day), period) if day is not None else None
            else:
                return

    @cached_property
    def _is_empty(self) -> bool:
        """BYSECOND=60 never matches, since no zone database knows leap seconds; nor does a BYSETPOS beyond the largest set."""
        minutes, seconds = self._rule.minutes, self._rule.seconds
        if seconds == (60,):
            return True
        largest = (len(minutes) or 1 if self._unit == 3600 else 1) * (len(seconds) or 1 if self._unit >= 60 else 1)
        return bool(self._rule.positions) and all(abs(at) > largest for at in self._rule.positions)

    def _period_at(self, second: int) -> int:
        """The period that holds the second, or the last one before it."""
        return self._origin + (second - self._origin) // self._step * self._step

    def _period_reaching(self, second: int) -> int:
        """The first period that ends after the second."""
        behind = second - self._unit + 1 - self._origin
        return self._origin - (-behind // self._step) * self._step

    @cached_property
    def _reachable(self) -> Reachable:
        return Reachable(self._rule, self._parts)

    def _instants_of(self, period: int) -> list[int]:
        if self._expands and not self._may_match(period):
            return []
        instants = [instant for instant in self._candidates(period) if self._matches(instant)]
        if not self._rule.positions:
            return instants
        size = len(instants)
        indexes = {at - 1 if at > 0 else size + at for at in self._rule.positions}
        return [instants[index] for index in sorted(indexes) if 0 <= index < size]

    def _may_match(self, period: int) -> bool:
        """Whether the period's first or last second reads as an allowed hour, minute and day, whatever comes finer."""
        for second in (period, period + self._unit - 1):
            day, reading = divmod(second + self._line.offset(second), DAY)
            if (
                (not self._hours or reading // 3600 in self._hours)
                and (self._unit > 60 or not self._minutes or reading // 60 % 60 in self._minutes)
                and (not self._limited or self._parts.match(day))
            ):
                return True
        return False

    def _candidates(self, period: int) -> list[int]:
        """The period's instants before the limits of hour and day: those that finer BY parts name, else DTSTART's own."""
        minutes = self._rule.minutes if self._unit == 3600 else ()
        if not self._expands:
            return [period + self._into]
        # Without BYMINUTE, DTSTART's own minute of the period.
        begin, width = (period, self._unit) if minutes else (period + self._into - self._into % 60, 60)
        # The local hour may begin elsewhere in the period, and move inside it, where clocks change by half an hour.
        starts = {(begin + self._line.offset(at)) % width for at in (begin, begin + width - 1)}
        return sorted(
            {
                begin + (minute * 60 + second - start) % width
                for minute, second, start in product(minutes or (0,), self._seconds, starts)
                if second < 60
            }
        )

    def _carries(self, reading: int) -> frozenset[int]:
        """Whether instants of a period whose block begins at this reading lie in its first unit (0) or the next (1)."""
        if not self._expands:
            return frozenset([0])
        width = self.block[1]
        minutes = self._rule.minutes if width > 60 else (0,)
        wanted = (minute * 60 + second for minute, second in product(minutes, self._seconds) if second < 60)
        return frozenset((reading % self._unit + (at - reading) % width) // self._unit for at in wanted)

    def _matches(self, instant: int) -> bool:
        day, second = divmod(instant + self._line.offset(instant), DAY)
        return (
            (not self._hours or second // 3600 in self._hours)
            and (not self._minutes or second // 60 % 60 in self._minutes)
            and (not self._seconds or second % 60 in self._seconds)
            and (not self._limited or self._parts.match(day))
        )

    def _leap(self, period: int) -> int | None:
        """The next period that may match, as far as the coarsest part that does not match now can tell."""
        offset = self._line.offset(period)
        local = period + offset
        day, second = divmod(local, DAY)
        if self._limited and not self._parts.match(day):
            following = self._parts.next_match(day)
            if following is None:
                return None
            landing = following * DAY - offset
            landing -= max(self._line.offset(landing) - offset, 0)
        else:
            landing = self._before_change(period, period + self._to_next_reading(second), offset)
        return max(self._period_reaching(landing), period + self._step)

    def _to_next_reading(self, second: int) -> int:
        """Seconds until the local clock may read an allowed hour, minute and second; at most until midnight."""
        for allowed, unit, cycle in ((self._hours, 3600, 24), (self._minutes, 60, 60), (self._seconds, 1, 60)):
            if unit < self._unit or not allowed:
                continue
            reading = second // unit % cycle
            if reading not in allowed:
                following = min((value for value in allowed if value > reading), default=cycle)
                return (following - reading) * unit - second % unit
        return self._unit

    def _before_change(self, period: int, landing: int, offset: int) -> int:
        """`landing`, or the first second with another offset on the way to it: readings are not predictable beyond."""
        if self._line.offset(landing) == offset:
            return landing
        low, high = period, landing
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._line.offset(middle) == offset else (low, middle)
        return high

    def _next_hunt(self, period: int) -> int | None:
        """Where the next day begins, after the period, on which the grid may read as an allowed time."""
        offsets = self._line.offsets_from(period)
        return min((at for offset in offsets if (at := self._day_under(offset, period)) is not None), default=None)

    def _day_under(self, offset: int, period: int) -> int | None:
        """The same for one of the zone's offsets, as long as it is in force on that day."""
        reading = self.block[0] + offset
        carries = self._carries(reading)
        first = (period + offset) // DAY
        for _ in range(_YEARS):
            day = self._reachable.next_day(first, phase=reading // self._unit, carries=carries)
            if day is None:
                return None
            begin = day * DAY - offset
            if offset in {self._line.offset(begin), self._line.offset(begin + DAY - 1)}:
                return begin
            in_force = self._line.first_with(offset, begin)
            if in_force is None:
                return None
            first = max((in_force + offset) // DAY, day + 1)
        return None
