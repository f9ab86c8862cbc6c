"""On which days can a grid of hours, minutes or seconds read as an allowed time?

    reading  u = phase + k x INTERVAL  (units since day 0)
    wanted   u = day x units of a day + one of the allowed units

Both hold on the days with certain remainders (the Chinese remainder theorem), and those are joined with the calendar.
"""

from functools import lru_cache
from math import gcd

from schedules.recurrence.day_bits import first_day
from schedules.recurrence.days import CYCLE_DAYS, EVERY_DAY, LAST_DAY, DayParts, as_bits
from schedules.recurrence.rule import Frequency, Rule

_PER_DAY = {Frequency.HOURLY: 24, Frequency.MINUTELY: 1440, Frequency.SECONDLY: 86_400}


class Reachable:
    """The days of one rule of FREQ=HOURLY, MINUTELY or SECONDLY, for any phase of its grid."""

    def __init__(self, rule: Rule, parts: DayParts) -> None:
        self._interval = rule.interval
        self._per_day = _PER_DAY[rule.frequency]
        self._cycle = parts.cycle if rule.limits_days else EVERY_DAY
        named = ((rule.hours or range(24), 3600), (rule.minutes or range(60), 60), (rule.seconds or range(60), 1))
        unit = 86_400 // self._per_day
        self._parts = [(values, size // unit) for values, size in named if size >= unit]
        self._shared = gcd(self._per_day, rule.interval)
        self._modulus = rule.interval // self._shared
        self._remainders = lru_cache(maxsize=8)(self._remainders_of)

    def next_day(self, first: int, *, phase: int, carries: frozenset[int]) -> int | None:
        """The first such day at or after `first`; None when the calendar ends before.

        phase: a unit of the grid, counted from day 0, as the local clock reads it. carries: how many units later a
        period's instants may be read, 0 or 1, since it may begin in the midst of a unit of the clock.
        """
        found = self._remainders(phase % self._interval, carries)
        if self._modulus <= LAST_DAY:
            return first_day(self._cycle, residues=found, modulus=self._modulus, first=first)
        # No day comes twice, and the bits are the days themselves.
        later = found >> first << first
        while later:
            day = (later & -later).bit_length() - 1
            if self._cycle >> (day - 1) % CYCLE_DAYS & 1:
                return day
            later ^= 1 << day
        return None

    def _remainders_of(self, phase: int, carries: frozenset[int]) -> int:
        """The remainders by the modulus of the days that are wanted, as bits."""
        reachable = {(phase + carry) % self._interval for carry in carries}
        for values, size in self._parts:
            steps = {value * size for value in values}
            reachable = {(at - step) % self._interval for at in reachable for step in steps}
        inverse = pow(self._per_day // self._shared, -1, self._modulus)
        days = {at // self._shared * inverse % self._modulus for at in reachable if at % self._shared == 0}
        limit = min(self._modulus, LAST_DAY)
        return as_bits((day for day in days if day < limit), limit)
