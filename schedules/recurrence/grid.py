"""Which instants a rule of FREQ=HOURLY, MINUTELY or SECONDLY gives, from any point on.

Such a rule is a grid on a line of seconds: DTSTART's hour (minute, second) and every INTERVAL-th after it. The line is
real time, so that a day with 23 hours has 23 of them, or for the `wall` policy the naive local reading. A period gives
instants when its local reading satisfies the BY parts.

    line   ──┬────┬────┬────┬────┬────┬──   A + k x step
             ▲ period p                     local = p + offset(p)

The walk leaps over what cannot match. When it keeps landing on nothing, periods are chosen by arithmetic: which of
them can read as an allowed time of day follows from remainders. Both ways have a budget of steps, so that a rule
that never matches says so.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from itertools import product
from math import gcd, lcm

from schedules.recurrence.days import CYCLE_DAYS, LAST_DAY, DayParts
from schedules.recurrence.rule import Frequency, Rule

DAY = 86_400
_UNIT = {Frequency.HOURLY: 3600, Frequency.MINUTELY: 60, Frequency.SECONDLY: 1}
_LEAPS = 64  # in vain, before choosing by arithmetic
_CHOICES = 1_000  # in vain, before saying never
_PERIODS = 100_000  # looked at by arithmetic in one go
_SEASONS = 800  # days in which every offset of a zone is in force
_END = LAST_DAY * DAY
_FAR = 80 * 365 * DAY  # beyond every zone's last one-time change

Offset = Callable[[int], int]


class GridWalk:
    """The seconds of one rule on its line; `anchor` is where DTSTART, local `start`, lies on it."""

    def __init__(self, rule: Rule, start: datetime, *, anchor: int, offset: Offset) -> None:
        assert rule.frequency.subdaily
        self._rule = rule
        self._parts = DayParts.of(rule)
        self._unit = _UNIT[rule.frequency]
        self._step = self._unit * rule.interval
        self._anchor = anchor
        self._origin = anchor - (start.minute * 60 + start.second) % self._unit
        self._start = start
        self._offset = offset
        self._hours, self._minutes = frozenset(rule.hours), frozenset(rule.minutes)
        self._seconds = frozenset(rule.seconds)
        self._limited = rule.limits_days

    @property
    def step(self) -> int:
        """Seconds from one period to the next."""
        return self._step

    def from_(self, second: int) -> Iterator[int]:
        """Ascending seconds of the line at or after `second` (and DTSTART)."""
        first = max(second, self._anchor)
        period = None if self._is_empty else self._period_at(first)
        vain = 0
        while period is not None and period < _END:
            found = self._instants_of(period)
            yield from (instant for instant in found if instant >= first)
            vain = 0 if found else vain + 1
            if found:
                period += self._step
            elif vain <= _LEAPS:
                period = self._leap(period)
            else:
                period = next((chosen for chosen in self._chosen_after(period) if self._instants_of(chosen)), None)

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

    def _instants_of(self, period: int) -> list[int]:
        instants = [instant for instant in self._candidates(period) if self._matches(instant)]
        if not self._rule.positions:
            return instants
        size = len(instants)
        indexes = {at - 1 if at > 0 else size + at for at in self._rule.positions}
        return [instants[index] for index in sorted(indexes) if 0 <= index < size]

    def _candidates(self, period: int) -> list[int]:
        """The period's instants before the limits of hour and day: those that finer BY parts name, else DTSTART's own."""
        into = self._anchor - self._origin
        minutes = self._rule.minutes if self._unit == 3600 else ()
        seconds = self._rule.seconds if self._unit >= 60 else ()
        if not minutes and not seconds:
            return [period + into]
        if not minutes:
            return sorted({period + into - into % 60 + second for second in seconds if second < 60})
        # The local hour may begin elsewhere in the period, and move inside it, where clocks change by half an hour.
        shifts = {self._offset(at) % self._unit for at in (period, period + self._unit - 1)}
        own = seconds or (self._start.second,)
        return sorted(
            period + (minute * 60 + second - shift - self._local_remainder) % self._unit
            for minute, second, shift in set(product(minutes, own, shifts))
            if second < 60
        )

    @cached_property
    def _local_remainder(self) -> int:
        """Where in its unit of the line a period begins."""
        return self._origin % self._unit

    def _matches(self, instant: int) -> bool:
        day, second = divmod(instant + self._offset(instant), DAY)
        return (
            (not self._hours or second // 3600 in self._hours)
            and (not self._minutes or second // 60 % 60 in self._minutes)
            and (not self._seconds or second % 60 in self._seconds)
            and (not self._limited or self._parts.match(day))
        )

    def _leap(self, period: int) -> int | None:
        """The next period that may match, as far as the coarsest part that does not match now can tell."""
        offset = self._offset(period)
        local = period + offset
        day, second = divmod(local, DAY)
        if self._limited and not self._parts.match(day):
            following = self._parts.next_match(day)
            if following is None:
                return None
            landing = following * DAY - offset
            landing -= max(self._offset(landing) - offset, 0)
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
        if self._offset(landing) == offset:
            return landing
        low, high = period, landing
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._offset(middle) == offset else (low, middle)
        return high

    def _chosen_after(self, period: int) -> Iterator[int]:
        """Later periods that read as an allowed time on an allowed day under one of the zone's offsets."""
        offsets = {self._offset(period + days * DAY) for days in range(0, 400, 30)} | {self._offset(period + _FAR)}
        chosen = self._chosen_by_period if self._step >= DAY else self._chosen_by_day
        for count, candidate in enumerate(chosen(period, sorted(offsets))):
            if count >= _CHOICES:
                return
            yield candidate

    def _chosen_by_period(self, period: int, offsets: list[int]) -> Iterator[int]:
        cycle = lcm(self._step, CYCLE_DAYS * DAY) // self._step
        end = min(period + min(cycle + 1, _PERIODS) * self._step, _END)
        for candidate in range(period + self._step, end, self._step):
            if any((candidate + offset) % DAY // self._unit in self._units_of_day for offset in offsets) and (
                not self._limited or any(self._parts.match((candidate + offset) // DAY) for offset in offsets)
            ):
                yield candidate

    def _chosen_by_day(self, period: int, offsets: list[int]) -> Iterator[int]:
        interval = self._rule.interval
        per_day = DAY // self._unit
        by_remainder: dict[int, list[int]] = defaultdict(list)
        for unit in self._units_of_day:
            by_remainder[unit % interval].append(unit)
        shared = gcd(interval, per_day)  # a day shifts the remainders by a multiple of it
        reachable = {remainder % shared for remainder in by_remainder}
        origins = {offset: (self._origin + offset) // self._unit for offset in offsets}
        origins = {offset: origin for offset, origin in origins.items() if origin % shared in reachable}
        if not origins:
            return
        cycle = lcm(interval // shared, CYCLE_DAYS if self._limited else 1) * (_SEASONS if len(offsets) > 1 else 1)
        first = period // DAY - 1
        for day in range(first, min(first + min(cycle + 3, _PERIODS), LAST_DAY)):
            hits = [
                (offset, (day * per_day + unit - origin) * self._unit + self._origin)
                for offset, origin in origins.items()
                for unit in by_remainder.get((origin - day * per_day) % interval, ())
            ]
            if hits and (not self._limited or self._parts.match(day)):
                valid = {self._offset(at * DAY - offsets[0]) for at in (day, day + 1)}
                yield from sorted({hit for offset, hit in hits if offset in valid and hit > period})

    @cached_property
    def _units_of_day(self) -> frozenset[int]:
        """Which hours (minutes, seconds) of the day the BY parts allow."""
        hours, minutes = self._rule.hours or range(24), self._rule.minutes or range(60)
        if self._unit == 3600:
            return frozenset(hours)
        if self._unit == 60:
            return frozenset(hour * 60 + minute for hour, minute in product(hours, minutes))
        seconds = self._rule.seconds or range(60)
        return frozenset(
            hour * 3600 + minute * 60 + second for hour, minute, second in product(hours, minutes, seconds)
        )


def second_of(moment: datetime) -> int:
    """A naive moment as seconds on a line whose days are ordinals; parts of a second are dropped."""
    return moment.toordinal() * DAY + moment.hour * 3600 + moment.minute * 60 + moment.second


def moment_of(second: int) -> datetime:
    day, rest = divmod(second, DAY)
    return datetime.fromordinal(day) + timedelta(seconds=rest)
