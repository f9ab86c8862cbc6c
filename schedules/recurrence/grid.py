"""Which instants a rule of FREQ=HOURLY, MINUTELY or SECONDLY gives, from any point on.

Such a rule is a grid on a line of seconds: DTSTART's hour (minute, second) and every INTERVAL-th after it. The line is
real time, so that a day with 23 hours has 23 of them, or for the `wall` policy the naive local reading. A period gives
instants when its local reading satisfies the BY parts.

    line   ──┬────┬────┬────┬────┬────┬──   A + k x step
             ▲ period p                     local = p + offset(p)

The walk leaps over what cannot match. When it keeps landing on nothing, `reachable.py` names the next day on which it
may, or says never. Only what it cannot see, a day on which clocks change, is still looked at in vain, and that a fixed
number of times.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from itertools import product

from schedules.recurrence.changes import DAY
from schedules.recurrence.days import EVERY_DAY, LAST_DAY, DayParts
from schedules.recurrence.lines import Line
from schedules.recurrence.reachable import Reachable
from schedules.recurrence.rule import Frequency, Rule
from schedules.recurrence.times import TimesOfDay

UNIT = {Frequency.HOURLY: 3600, Frequency.MINUTELY: 60, Frequency.SECONDLY: 1}
_LEAPS = 16  # in vain, before asking for a day
_HUNTS = 100  # periods in vain, before saying never
_YEARS = 400  # in which an offset is not in force on the days that it would be needed
_END = LAST_DAY * DAY


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

    @cached_property
    def block(self) -> tuple[int, int]:
        """Where on the line the instants of one period may lie: from which second, and how many."""
        if not self._expands:
            return self._origin + self._into, 1
        if self._rule.minutes and self._unit == 3600:
            return self._origin, self._unit
        return self._origin + self._into - self._into % 60, 60

    @cached_property
    def allowed(self) -> TimesOfDay:
        """Which readings of a day the parts of hour, minute and second allow; BYSETPOS apart."""
        hours, minutes = self._rule.hours or range(24), self._rule.minutes or range(60)
        seconds = (second for second in self._seconds or range(60) if second < 60)
        return TimesOfDay(tuple(hours), tuple(minutes), tuple(sorted(seconds)))

    @cached_property
    def allowed_table(self) -> bytes:
        return self.allowed.table

    @property
    def cycle(self) -> int:
        """400 years of days that the rule may have, as bits; ordinal 1 is the lowest."""
        return self._parts.cycle if self._limited else EVERY_DAY

    @property
    def chooses(self) -> bool:
        return bool(self._rule.positions)

    def chosen(self, block: int) -> int:
        """What BYSETPOS leaves of one period's instants, both as bits."""
        seconds = [at for at in range(block.bit_length()) if block >> at & 1]
        size = len(seconds)
        indexes = {at - 1 if at > 0 else size + at for at in self._rule.positions}
        return sum(1 << seconds[index] for index in indexes if 0 <= index < size)

    def has_day(self, day: int) -> bool:
        return not self._limited or self._parts.match(day)

    def days_of_year(self, year: int) -> list[int]:
        return self._parts.of_year(year)

    def from_(self, second: int) -> Iterator[int]:
        """Ascending seconds of the line at or after `second` (and DTSTART)."""
        first = max(second, self._anchor)
        period = None if self._is_empty else self._period_at(first)
        leaps = hunts = 0
        while period is not None and period < _END:
            found = self._instants_of(period)
            yield from (instant for instant in found if instant >= first)
            if found:
                leaps = hunts = 0
                period += self._step
            elif leaps < _LEAPS:
                leaps += 1
                period = self._leap(period)
            elif hunts < _HUNTS:
                hunts += 1
                period = self._next_that_may_match(period)
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
        if not self._expands:
            instants = [period + self._into] if self._matches(period + self._into) else []
        else:
            instants = self._expanded(period)
        if not self._rule.positions:
            return instants
        size = len(instants)
        indexes = {at - 1 if at > 0 else size + at for at in self._rule.positions}
        return [instants[index] for index in sorted(indexes) if 0 <= index < size]

    def _expanded(self, period: int) -> list[int]:
        """The period's instants where finer BY parts give several."""
        last = period + self._unit - 1
        offsets = [self._line.offset(period), self._line.offset(last)]
        readings = [period + offsets[0], last + offsets[1]]
        if not any(map(self._is_allowed, readings)):
            return []
        candidates = self._candidates(period, offsets)
        if offsets[0] == offsets[1] and readings[0] // self._unit == readings[1] // self._unit:
            return candidates  # all are read in one hour (minute), and that one is allowed
        return [instant for instant in candidates if self._matches(instant)]

    def _is_allowed(self, reading: int) -> bool:
        """Whether a reading's hour and day, and its minute when periods are no longer, are allowed."""
        day, second = divmod(reading, DAY)
        return (
            (not self._hours or second // 3600 in self._hours)
            and (self._unit > 60 or not self._minutes or second // 60 % 60 in self._minutes)
            and (not self._limited or self._parts.match(day))
        )

    def _candidates(self, period: int, offsets: list[int]) -> list[int]:
        """The instants that finer BY parts name; without BYMINUTE in DTSTART's own minute of the period."""
        begin, width = self.block
        begin += period - self._origin
        minutes = self._rule.minutes if width > 60 else (0,)
        # The local hour may begin elsewhere in the period, and move inside it, where clocks change by half an hour.
        starts = {(begin + offset) % width for offset in offsets}
        return sorted(
            {
                begin + (minute * 60 + second - start) % width
                for minute, second, start in product(minutes, self._seconds, starts)
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

    def _next_that_may_match(self, period: int) -> int | None:
        """The first period after this one that reads as an allowed time on an allowed day, while clocks do not change."""
        offsets = self._line.offsets_from(period)
        return min((at for offset in offsets if (at := self._next_under(offset, period)) is not None), default=None)

    def _next_under(self, offset: int, period: int) -> int | None:
        """The same for one of the zone's offsets, as long as it is in force then."""
        to_reading = self.block[0] - self._origin + offset
        reading = period + self._step + to_reading
        phase, carries = reading // self._unit, self._carries(reading)
        for _ in range(_YEARS):
            day = self._reachable.next_day(reading // DAY, phase=phase, carries=carries)
            if day is None:
                return None
            block = self._block_in(day, reading, base=self.block[0] + offset)
            if block is None:
                reading = (day + 1) * DAY
                continue
            found = block - to_reading
            if offset in {self._line.offset(found), self._line.offset(found + self._unit - 1)}:
                return found
            in_force = self._line.first_with(offset, found)
            if in_force is None:
                return None
            reading = max(in_force + offset - self._unit, block + 1)
        return None

    def _block_in(self, day: int, reading: int, *, base: int) -> int | None:
        """Where the first block that has an allowed time of a day begins, at `reading` or after it; one is read at `base`."""
        width = self.block[1]
        first = max(reading, day * DAY - width + 1)
        first += (base - first) % self._step
        begins = range(first - day * DAY, DAY, self._step)
        found = next((at for at in begins if self.allowed_table.find(1, max(at, 0), at + width) >= 0), None)
        return None if found is None else day * DAY + found
