"""Which instants one rule gives in its zone, ended by its COUNT or UNTIL."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache, cached_property
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from schedules.dst import DstPolicy, earliest_local, resolve, resolve_ascending
from schedules.recurrence.changes import DAY, moment_of, second_of
from schedules.recurrence.counting import CountedEnd, End, WalkedEnd
from schedules.recurrence.day_times import DayTimes, GridTimes, PeriodTimes
from schedules.recurrence.days import LAST_DAY
from schedules.recurrence.grid import GridWalk
from schedules.recurrence.lines import ClockTime, RealTime
from schedules.recurrence.patterns import GridPattern, Pattern, PeriodPattern
from schedules.recurrence.periods import PeriodWalk
from schedules.recurrence.rule import Frequency, Rule

_END = LAST_DAY * DAY
_FEW = 500  # instances, which are walked over as quickly as counted
_BEGINNING = datetime(2, 1, 1, tzinfo=UTC)
_SECONDS_OF = {
    Frequency.YEARLY: 365 * DAY,
    Frequency.MONTHLY: 28 * DAY,
    Frequency.WEEKLY: 7 * DAY,
    Frequency.DAILY: DAY,
    Frequency.HOURLY: 3600,
    Frequency.MINUTELY: 60,
    Frequency.SECONDLY: 1,
}


class InstantStream(ABC):
    """The distinct ascending instants of one rule, in UTC."""

    def __init__(self, rule: Rule, *, start: datetime, zone: ZoneInfo, policy: DstPolicy) -> None:
        self._rule = rule
        self._start = start
        self._zone = zone
        self._policy = policy

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Those strictly after `moment` (UTC), up to the last one."""
        later = (instant for instant in self._near(moment) if instant > moment)
        return later if self._rule.count is None and self._rule.until is None else takewhile(self._is_within, later)

    def _is_within(self, instant: datetime) -> bool:
        if self._rule.until is not None:
            return instant <= self._until
        # The end by COUNT has to be counted out: not before it can have come.
        if instant < self._earliest_end:
            return True
        second = second_of(instant)
        last = self._end.found_by(second)
        return last is None or second <= last

    @cached_property
    def _earliest_end(self) -> datetime:
        """A moment before which COUNT cannot end the rule: as if each period gave as many instants as it can."""
        assert self._rule.count is not None
        if self._rule.count <= _FEW:
            return _BEGINNING
        most = self._most_in_a_period * (2 if self._policy.fold == "both" else 1)
        periods = (self._rule.count - 1) // most
        # Two days, since DTSTART is local and an offset may change by a day.
        seconds = min(second_of(self._start) - 2 * DAY + (periods - 2) * self._shortest_period, _END)
        return max(moment_of(max(seconds, DAY * 400)).replace(tzinfo=UTC), _BEGINNING)

    def _end_of(self, count: int, times: Callable[[int], DayTimes]) -> CountedEnd:
        begin = second_of(self._start) - 2 * DAY  # before every zone's reading of DTSTART
        return CountedEnd(count, begin=begin, zone=self._zone, times=times, policy=self._policy)

    def all_within(self, limit: int) -> list[datetime] | None:
        """Every instant of the rule; None for one without end, or with more than `limit`."""
        if self._rule.until is None and (self._rule.count or limit + 1) > limit:
            return None
        found = list(islice(self.after(_BEGINNING), limit + 1))
        return found if len(found) <= limit else None

    @abstractmethod
    def pattern(self) -> Pattern:
        """What the rule repeats, COUNT and UNTIL apart."""

    @property
    @abstractmethod
    def _most_in_a_period(self) -> int:
        """As many instants as one period can give, or more."""

    @property
    def _shortest_period(self) -> int:
        """Seconds from one period to the next, or fewer."""
        return self._rule.interval * _SECONDS_OF[self._rule.frequency]

    @abstractmethod
    def _near(self, moment: datetime) -> Iterator[datetime]:
        """Ascending instants without an end, beginning anywhere before the first one after `moment`."""

    @cached_property
    def _end(self) -> End:
        count = self._rule.count
        assert count is not None
        # BYSETPOS chooses from an hour or a minute, which may begin in one day and end in the next.
        if count <= _FEW or (self._rule.frequency.subdaily and self._rule.positions):
            return WalkedEnd(count, map(second_of, self._near(_BEGINNING)))
        return self._counted_end(count)

    @abstractmethod
    def _counted_end(self, count: int) -> CountedEnd:
        """Where COUNT ends the rule, by counting whole days."""

    @cached_property
    def _until(self) -> datetime:
        until = self._rule.until
        assert until is not None
        if until.tzinfo is not None:
            return until
        # Both readings of an ambiguous end lie before it; a non-existent one is read with the offset before the gap.
        return resolve(until, zone=self._zone, policy=DstPolicy(fold="second"))[0]


class LocalStream(InstantStream):
    """A rule of days and longer: local times, each resolved in the zone."""

    @cached_property
    def _walk(self) -> PeriodWalk:
        return PeriodWalk(self._rule, self._start)

    def _near(self, moment: datetime) -> Iterator[datetime]:
        locals_ = self._walk.from_(earliest_local(moment, zone=self._zone))
        return resolve_ascending(locals_, zone=self._zone, policy=self._policy)

    @property
    def _most_in_a_period(self) -> int:
        return self._walk.most_in_a_period

    def pattern(self) -> Pattern:
        return PeriodPattern(self._walk, self._policy)

    def _counted_end(self, count: int) -> CountedEnd:
        times = PeriodTimes(self._walk, second_of(self._start))
        return self._end_of(count, lambda _offset: times)


class GridStream(InstantStream):
    """A rule of hours and shorter."""

    @property
    def _most_in_a_period(self) -> int:
        most = (len(self._rule.minutes) or 1) * (len(self._rule.seconds) or 1)
        return min(most, len(self._rule.positions) or most)


class ElapsedStream(GridStream):
    """In real time: 23 hours on a short day, 25 on a long one."""

    @cached_property
    def _walk(self) -> GridWalk:
        anchor = self._start.replace(tzinfo=self._zone).astimezone(UTC)
        return GridWalk(self._rule, self._start, anchor=second_of(anchor), line=RealTime(self._zone))

    def _near(self, moment: datetime) -> Iterator[datetime]:
        return (moment_of(second).replace(tzinfo=UTC) for second in self._walk.from_(second_of(moment)))

    def pattern(self) -> Pattern:
        return GridPattern(self._walk, None)

    def _counted_end(self, count: int) -> CountedEnd:
        anchor = second_of(self._start.replace(tzinfo=self._zone).astimezone(UTC))
        times = cache(lambda offset: GridTimes(self._walk, offset=offset, start=anchor + offset))
        return CountedEnd(count, begin=anchor, zone=self._zone, times=times, policy=None)


class WallStream(GridStream):
    """As the RFC reads it: local times, each resolved in the zone."""

    @cached_property
    def _walk(self) -> GridWalk:
        return GridWalk(self._rule, self._start, anchor=second_of(self._start), line=ClockTime())

    def _near(self, moment: datetime) -> Iterator[datetime]:
        seconds = self._walk.from_(second_of(earliest_local(moment, zone=self._zone)))
        return resolve_ascending(map(moment_of, seconds), zone=self._zone, policy=self._policy)

    def pattern(self) -> Pattern:
        return GridPattern(self._walk, self._policy)

    def _counted_end(self, count: int) -> CountedEnd:
        times = GridTimes(self._walk, offset=0, start=second_of(self._start))
        return self._end_of(count, lambda _offset: times)


def stream_of(rule: Rule, *, start: datetime, zone: ZoneInfo, policy: DstPolicy) -> InstantStream:
    kind: type[InstantStream] = LocalStream
    if rule.frequency.subdaily:
        kind = ElapsedStream if policy.subdaily == "elapsed" else WallStream
    return kind(rule, start=start, zone=zone, policy=policy)
