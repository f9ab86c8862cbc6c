"""Which instants one rule gives in its zone, ended by its COUNT or UNTIL."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from schedules.dst import DstPolicy, earliest_local, resolve, resolve_ascending
from schedules.recurrence.days import LAST_DAY
from schedules.recurrence.grid import DAY, GridWalk, moment_of, second_of
from schedules.recurrence.periods import PeriodWalk
from schedules.recurrence.rule import Frequency, Rule

_END = LAST_DAY * DAY
_BEGINNING = datetime(2, 1, 1, tzinfo=UTC)


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
        last = self._last
        return later if last is None else takewhile(lambda instant: instant <= last, later)

    @abstractmethod
    def _near(self, moment: datetime) -> Iterator[datetime]:
        """Ascending instants without an end, beginning anywhere before the first one after `moment`."""

    @abstractmethod
    def _nth_of_plain_rule(self, count: int) -> datetime | None:
        """The instant of a rule without BY parts by arithmetic; None where some of its times may not happen."""

    @cached_property
    def _last(self) -> datetime | None:
        """The instant that ends the rule, included; None for a rule without end."""
        if self._rule.until is not None:
            return self._until
        if self._rule.count is None:
            return None
        by_arithmetic = self._nth_of_plain_rule(self._rule.count) if self._rule.is_plain else None
        if by_arithmetic is not None:
            return by_arithmetic
        return next(islice(self._near(_BEGINNING), self._rule.count - 1, None), None)

    @property
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

    def _nth_of_plain_rule(self, count: int) -> datetime | None:
        if self._rule.frequency not in {Frequency.DAILY, Frequency.WEEKLY} or self._loses_or_doubles:
            return None
        days = (count - 1) * self._rule.interval * (7 if self._rule.frequency == Frequency.WEEKLY else 1)
        local = moment_of(min(second_of(self._start) + days * DAY, _END))
        return resolve(local, zone=self._zone, policy=self._policy)[-1]

    @property
    def _loses_or_doubles(self) -> bool:
        return self._policy.gap == "skip" or self._policy.fold == "both"


class ElapsedStream(InstantStream):
    """A rule of hours and shorter in real time: 23 hours on a short day, 25 on a long one."""

    @cached_property
    def _walk(self) -> GridWalk:
        anchor = self._start.replace(tzinfo=self._zone).astimezone(UTC)
        return GridWalk(self._rule, self._start, anchor=second_of(anchor), offset=self._offset)

    def _near(self, moment: datetime) -> Iterator[datetime]:
        return (moment_of(second).replace(tzinfo=UTC) for second in self._walk.from_(second_of(moment)))

    def _nth_of_plain_rule(self, count: int) -> datetime | None:
        first = second_of(self._start.replace(tzinfo=self._zone).astimezone(UTC))
        return moment_of(min(first + (count - 1) * self._walk.step, _END)).replace(tzinfo=UTC)

    def _offset(self, second: int) -> int:
        local = moment_of(min(second, _END)).replace(tzinfo=UTC).astimezone(self._zone)
        offset = local.utcoffset()
        assert offset is not None
        return offset // timedelta(seconds=1)


class WallStream(InstantStream):
    """A rule of hours and shorter as the RFC reads it: local times, each resolved in the zone."""

    @cached_property
    def _walk(self) -> GridWalk:
        return GridWalk(self._rule, self._start, anchor=second_of(self._start), offset=lambda _: 0)

    def _near(self, moment: datetime) -> Iterator[datetime]:
        seconds = self._walk.from_(second_of(earliest_local(moment, zone=self._zone)))
        return resolve_ascending(map(moment_of, seconds), zone=self._zone, policy=self._policy)

    def _nth_of_plain_rule(self, count: int) -> datetime | None:
        return None


def stream_of(rule: Rule, *, start: datetime, zone: ZoneInfo, policy: DstPolicy) -> InstantStream:
    kind: type[InstantStream] = LocalStream
    if rule.frequency.subdaily:
        kind = ElapsedStream if policy.subdaily == "elapsed" else WallStream
    return kind(rule, start=start, zone=zone, policy=policy)
