"""How close together can two instants of a schedule be?

Minima are sought over all that a schedule repeats, not over its next instants: within a day, from one day to the next,
between its rules, and where clocks change.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

from schedules.cron import Cron
from schedules.interval import Interval
from schedules.recurrence import Recurrence
from schedules.recurrence.changes import DAY, Change, changes_after, first_second, offsets_from
from schedules.recurrence.counting import around
from schedules.recurrence.days import CYCLE_DAYS
from schedules.recurrence.patterns import NO_GAP, Pattern, days_between, smallest_gap
from schedules.series import Schedule

_BEGINNING = first_second(1970)
_END = first_second(2101) + CYCLE_DAYS * DAY  # by then every change has come on every day that it can
_SECOND = timedelta(seconds=1)


def densest_gap(schedule: Schedule) -> timedelta | None:
    """The smallest distance of two successive instants, from 1970 on; None when there are not two.

    It is exact, or smaller than the true one, never larger. Exact: intervals, cron, and recurrences of one rule and any RDATE in
    which two instants may be less than a day apart. Smaller it may be where an EXDATE takes an instant, where INTERVAL passes
    over days, or does not divide a day, where COUNT or UNTIL ends a rule before, and for several rules at once.
    """
    if isinstance(schedule, Interval):
        return schedule.every
    if isinstance(schedule, Cron):
        return _as_duration(_of_patterns([schedule.pattern()], schedule.zone))
    if isinstance(schedule, Recurrence):
        repeated = _of_patterns(schedule.patterns(), schedule.zone)
        return _as_duration(min(repeated, _of_separate(schedule, repeated)))
    return None


def _as_duration(seconds: int) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds < NO_GAP else None


def _of_separate(schedule: Recurrence, smallest: int) -> int:
    """The smallest distance from an instant that is not repeated to its neighbours, when below `smallest`."""
    separate = schedule.separate_instants()
    for earlier, later in pairwise(separate):
        smallest = min(smallest, (later - earlier) // _SECOND)
    for instant in separate:
        smallest = min([smallest, *_to_neighbours(schedule, instant, smallest)])
    return smallest


def _to_neighbours(schedule: Recurrence, instant: datetime, limit: int) -> Iterator[int]:
    reach = timedelta(seconds=min(limit, 400 * 366 * DAY))
    for near in schedule.between(instant - reach, instant + reach):
        distance = abs((near.astimezone(UTC) - instant) // _SECOND)
        if distance:
            yield distance


def _of_patterns(patterns: Sequence[Pattern], zone: ZoneInfo) -> int:
    smallest = min((_at_rest(patterns, offset) for offset in offsets_from(zone, 1970)), default=NO_GAP)
    return _where_clocks_change(patterns, zone, smallest) if patterns else smallest


def _at_rest(patterns: Sequence[Pattern], offset: int) -> int:
    """While one offset is in force."""
    own = (pattern.own_gap(offset) for pattern in patterns)
    mutual = (_between(one, other, offset) for one, other in combinations(patterns, 2))
    return min([NO_GAP, *own, *mutual])


def _between(one: Pattern, other: Pattern, offset: int) -> int:
    """From an instant of one rule to one of another."""
    first, second = one.times(offset), other.times(offset)
    if not (one.days and other.days and first and second):
        return NO_GAP
    same_day = smallest_gap(first | second) if one.days & other.days else NO_GAP
    return min(
        same_day,
        days_between(one.days, other.days) * DAY + _lowest(second) - first.bit_length() + 1,
        days_between(other.days, one.days) * DAY + _lowest(first) - second.bit_length() + 1,
    )


def _where_clocks_change(patterns: Sequence[Pattern], zone: ZoneInfo, at_rest: int) -> int:
    """The smaller of `at_rest` and what is left of it where clocks are moved: looked at in the days around each change."""
    smallest, seen = at_rest, set()
    for change in changes_after(zone, _BEGINNING):
        if change.at > _END:
            break
        day = (change.at + change.before) // DAY
        days = range(day - 2, day + 4)
        has = tuple(pattern.has(near) for pattern in patterns for near in days)
        kind = (change.before, change.after, change.at % DAY, has)
        if kind not in seen:
            seen.add(kind)
            smallest = min(smallest, _at_change(patterns, change, days))
            if DAY < at_rest < NO_GAP:
                smallest = min(smallest, at_rest - max(change.after - change.before, 0))
    return smallest


def _at_change(patterns: Sequence[Pattern], change: Change, days: range) -> int:
    low, high = days.start * DAY - change.before, days.stop * DAY - change.after
    known = [gap for pattern in patterns if (gap := pattern.gap_at_changes()) is not None]
    instants = 0
    for pattern in patterns:
        if len(patterns) > 1 or not known:
            instants |= around(change, low, high, read=pattern.between, policy=pattern.policy)
    return min([smallest_gap(instants), *known])


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1
