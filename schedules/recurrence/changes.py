"""When do a zone's clocks change?

Seconds are those of `grid.py`: days are ordinals, the line is UTC. Changes are found by looking at the zone every fifteen
days and halving; no zone changes twice in between. From 2100 on every zone follows one yearly rule, so a year's
changes are those of a year of the same kind.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from schedules.recurrence.days import LAST_DAY, is_leap

DAY = 86_400
_SECOND = timedelta(seconds=1)
_STRIDE = 15 * DAY
_FIRST_WRITTEN = 1800  # before, every zone kept its own mean time
_LAST_WRITTEN = 2100
_LAST_YEAR = date.fromordinal(LAST_DAY).year
_REMEMBERED = 20_000


@dataclass(frozen=True, order=True)
class Change:
    """At second `at` the offset, in seconds, becomes `after`; until then it was `before`."""

    at: int
    before: int
    after: int


def second_of(moment: datetime) -> int:
    """A naive moment as seconds on a line whose days are ordinals; parts of a second are dropped."""
    return moment.toordinal() * DAY + moment.hour * 3600 + moment.minute * 60 + moment.second


def moment_of(second: int) -> datetime:
    day, rest = divmod(second, DAY)
    return datetime.fromordinal(day) + timedelta(seconds=rest)


def offset_at(zone: ZoneInfo, second: int) -> int:
    local = moment_of(min(second, LAST_DAY * DAY)).replace(tzinfo=UTC).astimezone(zone)
    offset = local.utcoffset()
    assert offset is not None
    return offset // _SECOND


def changes_after(zone: ZoneInfo, second: int) -> Iterator[Change]:
    """Every change later than a second of the line, until the calendar ends."""
    for year in range(max(date.fromordinal(second // DAY).year, _FIRST_WRITTEN), _LAST_YEAR):
        if year > _LAST_WRITTEN and len(offsets_from(zone, year)) == 1:
            return
        for change in _changes_of(zone, year):
            if change.at > second:
                yield change


def offsets_from(zone: ZoneInfo, year: int) -> frozenset[int]:
    """Every offset in force from the beginning of a year on, or of a few years before."""
    return _offsets_from(zone, year // 20 * 20 if year <= _LAST_WRITTEN else _LAST_WRITTEN + 1)


@functools.lru_cache(maxsize=_REMEMBERED)
def _offsets_from(zone: ZoneInfo, year: int) -> frozenset[int]:
    end = first_second(_LAST_WRITTEN + 3)
    return frozenset(offset_at(zone, second) for second in range(first_second(year), end, _STRIDE))


def first_with(zone: ZoneInfo, offset: int, second: int) -> int | None:
    """The first second from `second` on at which an offset is in force; None when it never is again."""
    if offset_at(zone, second) == offset:
        return second
    if offset not in offsets_from(zone, date.fromordinal(second // DAY).year):
        return None
    year = date.fromordinal(second // DAY).year
    end = first_second(min(max(year, _LAST_WRITTEN + 1) + 2, _LAST_YEAR))  # what has not come by then never will
    near = takewhile(lambda change: change.at < end, changes_after(zone, second))
    return next((change.at for change in near if change.after == offset), None)


def _changes_of(zone: ZoneInfo, year: int) -> tuple[Change, ...]:
    """The changes in a year of UTC."""
    if year <= _LAST_WRITTEN:
        return _found_in(zone, year)
    alike = _year_alike(is_leap(year), date(year, 1, 1).weekday())
    moved = first_second(year) - first_second(alike)
    return tuple(Change(change.at + moved, change.before, change.after) for change in _found_in(zone, alike))


@functools.cache
def _year_alike(leap: bool, weekday: int) -> int:
    years = range(_LAST_WRITTEN + 1, _LAST_WRITTEN + 101)
    return next(year for year in years if (is_leap(year), date(year, 1, 1).weekday()) == (leap, weekday))


@functools.lru_cache(maxsize=_REMEMBERED)
def _found_in(zone: ZoneInfo, year: int) -> tuple[Change, ...]:
    second, end = first_second(year) - 1, first_second(year + 1) - 1
    before = offset_at(zone, second)
    found = []
    while second < end:
        following = min(second + _STRIDE, end)
        after = offset_at(zone, following)
        if after != before:
            found.append(Change(_first_with_another(zone, second, following), before, after))
        second, before = following, after
    return tuple(found)


def _first_with_another(zone: ZoneInfo, low: int, high: int) -> int:
    """The first second in (low, high] with another offset than `low` has."""
    offset = offset_at(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(zone, middle) == offset:
            low = middle
        else:
            high = middle
    return high


def first_second(year: int) -> int:
    return date(year, 1, 1).toordinal() * DAY
