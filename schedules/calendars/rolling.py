"""What becomes of a schedule's instants on the days of a calendar.

`exclude` withholds them. A rolling policy moves them besides to the same clock time of the next or previous business
day, which is the nearest day outside the set:

         Fri        Sat        Sun        Mon
    ──●──────────✕──────────✕──────────●──       ● kept   ✕ withheld
      ◀── previous_business_day   next_business_day ──▶   both arrive once

All days between two business days, one run, move to the same one. So the moved instants of a business day are made at
once, from the days of its run, when the nominal instants come near it: nothing is read further ahead than one run.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from schedules.calendars.dates import DateSet
from schedules.dst import DstPolicy, resolve
from schedules.recurrence.days import LAST_DAY

CalendarPolicy = Literal["exclude", "next_business_day", "previous_business_day"]
Instants = Callable[[datetime], Iterator[datetime]]

_FARTHEST = 366  # days to a business day; beyond, an instant is only withheld
_DAY = timedelta(days=1)
_JUST = timedelta(microseconds=1)
_BEGINNING, _END = datetime(2, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_FIRST_DAY, _LAST_DAY = date(2, 1, 1).toordinal(), LAST_DAY
_STEP = {"exclude": None, "next_business_day": 1, "previous_business_day": -1}


@dataclass(frozen=True, slots=True)
class Rolled:
    """One instant (in UTC) of a schedule under a calendar.

    withheld: the name of the day because of which it does not take place, else None. moved_from: the instant (in UTC)
    whose place it takes, for one that was moved here.
    """

    at: datetime
    withheld: str | None
    moved_from: datetime | None


def roll(  # noqa: PLR0913  its keywords are the contract
    instants: Instants,
    *,
    after: datetime,
    zone: ZoneInfo,
    days: DateSet,
    policy: CalendarPolicy,
    dst: DstPolicy,
) -> Iterator[Rolled]:
    """What takes place strictly after `after` (UTC), in ascending order, and what is withheld; without an end if the
    schedule has none.

    `instants(moment)` gives the schedule's instants strictly after `moment`, ascending, in UTC; `zone` is where their
    dates are read. An instant on a day of the set is withheld, and moved too if the policy says so and a business day
    lies within 366 days; `dst` resolves its clock time there. Of two that meet one stays: a nominal one before a moved
    one, and of moved ones that of the earliest nominal instant.
    """
    return _Rolling(instants, zone=zone, days=days, step=_STEP[policy], dst=dst).after(after.astimezone(UTC))


class _Rolling:
    def __init__(self, instants: Instants, *, zone: ZoneInfo, days: DateSet, step: int | None, dst: DstPolicy) -> None:
        self._instants = instants
        self._zone = zone
        self._days = days
        self._step = step
        self._dst = dst

    def after(self, moment: datetime) -> Iterator[Rolled]:
        last = None
        for entry in self._merged(moment):
            if entry.at > moment and entry.at != last:
                yield entry
                last = entry.at

    def _merged(self, moment: datetime) -> Iterator[Rolled]:
        """Nominal and moved entries in order; where several meet, the one that stays comes first."""
        moved = _Moved(moment)
        start = self._date(moment)
        for day in (start - _DAY, start):  # a gap may put what is moved to a day's end on the day after
            self._make_ready(day, moved)
        for nominal in self._instants(moment):
            day = self._date(nominal)
            self._make_ready(day, moved)
            name = self._days.name_of(day)
            yield from moved.up_to(nominal if name else nominal - _JUST)
            yield Rolled(nominal, name, None)
        yield from moved.up_to(_END)

    def _make_ready(self, day: date, moved: "_Moved") -> None:
        """Add what moves to `day`, or to where the instants of `day` move."""
        if day == moved.seen_day:
            return
        moved.seen_day = day
        target = self._target_of(day)
        if target is not None and (moved.last_day is None or moved.last_day < target):
            moved.last_day = target
            for source in self._run_of(target):
                moved.add(self._moved_from(source, target, moved.after))

    def _target_of(self, day: date) -> date | None:
        if self._step is None:
            return None
        reachable = (near for distance in range(_FARTHEST + 1) if (near := _shifted(day, self._step * distance)))
        return next((near for near in reachable if self._is_business_day(near)), None)

    def _run_of(self, target: date) -> Iterator[date]:
        """The days whose instants move to `target`, from the nearest on."""
        assert self._step is not None
        for distance in range(1, _FARTHEST + 1):
            source = _shifted(target, -self._step * distance)
            if source is None or self._is_business_day(source):
                return
            yield source

    def _moved_from(self, source: date, target: date, after: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Where each instant of `source` is moved to, with the instant, ascending; those up to `after` may be missing."""
        slack = self._unevenness(source) + self._unevenness(target)
        pairs = (
            (at, nominal)
            for nominal in self._instants_of(source, skip=after - self._bounds(target)[0] - 2 * slack)
            for at in resolve(self._same_clock(nominal, target), zone=self._zone, policy=self._dst)
        )
        return _in_order(pairs, slack=slack)

    def _instants_of(self, day: date, *, skip: timedelta) -> Iterator[datetime]:
        """The instants on a day, but for those of its first part."""
        start, end = self._bounds(day)
        for instant in self._instants(start + min(max(skip, timedelta(0)), end - start) - _JUST):
            if instant >= end:
                return
            if self._date(instant) == day:
                yield instant

    def _same_clock(self, nominal: datetime, target: date) -> datetime:
        return datetime.combine(target, nominal.astimezone(self._zone).time().replace(fold=0))

    def _is_business_day(self, day: date) -> bool:
        return self._days.name_of(day) is None and self._exists(day)

    def _exists(self, day: date) -> bool:
        """Whether the zone has the day: a place that crosses the date line may leave one out."""
        noon = datetime.combine(day, time(12), tzinfo=self._zone)
        return self._date(noon.astimezone(UTC)) == day

    def _unevenness(self, day: date) -> timedelta:
        """By how much clocks are put forward or back during the day."""
        start, end = self._bounds(day)
        return abs(end - start - _DAY)

    def _bounds(self, day: date) -> tuple[datetime, datetime]:
        """The first instant that may lie on the day, and one after all of them."""
        return min(self._midnights(day)), max(self._midnights(day + _DAY))

    def _midnights(self, day: date) -> list[datetime]:
        """What 00:00 may stand for."""
        return [datetime.combine(day, time(fold=fold), tzinfo=self._zone).astimezone(UTC) for fold in (0, 1)]

    def _date(self, instant: datetime) -> date:
        return instant.astimezone(self._zone).date()


class _Moved:
    """Moved instants that are still to come after a moment, of the business days that have been made ready."""

    def __init__(self, after: datetime) -> None:
        self.after = after
        self.seen_day: date | None = None
        self.last_day: date | None = None
        self._heads: list[tuple[datetime, datetime, int, Iterator[tuple[datetime, datetime]]]] = []
        self._added = 0

    def add(self, pairs: Iterator[tuple[datetime, datetime]]) -> None:
        self._added += 1
        self._push(self._added, pairs)

    def up_to(self, moment: datetime) -> Iterator[Rolled]:
        while self._heads and self._heads[0][0] <= moment:
            at, nominal, number, pairs = heapq.heappop(self._heads)
            yield Rolled(at, None, nominal)
            self._push(number, pairs)

    def _push(self, number: int, pairs: Iterator[tuple[datetime, datetime]]) -> None:
        for at, nominal in pairs:
            heapq.heappush(self._heads, (at, nominal, number, pairs))
            return


def _in_order(pairs: Iterable[tuple[datetime, datetime]], *, slack: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """The pairs sorted, where none comes more than `slack` later than its place."""
    waiting: list[tuple[datetime, datetime]] = []
    newest = _BEGINNING
    for pair in pairs:
        heapq.heappush(waiting, pair)
        newest = max(newest, pair[0])
        while waiting and waiting[0][0] <= newest - slack:
            yield heapq.heappop(waiting)
    while waiting:
        yield heapq.heappop(waiting)


def _shifted(day: date, days: int) -> date | None:
    """The day that many days on; None beyond the calendar."""
    ordinal = day.toordinal() + days
    return date.fromordinal(ordinal) if _FIRST_DAY <= ordinal <= _LAST_DAY else None
