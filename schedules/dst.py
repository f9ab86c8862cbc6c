"""Which instants a local time stands for, where clocks are put forward or back.

            gap                                   fold
    01:59 | 03:00                       01:59 first | 01:00 second
    02:30 never happens                 01:30 happens twice

Two aware datetimes of one zone compare without fold and offset, so instants are compared in UTC only.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from schedules.errors import InvalidSchedule

Gap = Literal["rfc", "next_valid", "skip"]
Fold = Literal["first", "second", "both"]
Subdaily = Literal["elapsed", "wall"]

_SECOND = timedelta(seconds=1)
_WIDEST = timedelta(hours=26)  # no change moves clocks further: the widest was a whole day


@dataclass(frozen=True)
class DstPolicy:
    """What happens to local times that do not exist, or exist twice.

    gap: `rfc` reads the time with the offset before the gap (RFC 5545, 3.3.5), `next_valid` takes the first instant
    after the gap, `skip` takes none. fold: the `first` instant, the `second`, or `both`. subdaily, for HOURLY and
    shorter rules: `elapsed` counts real time, `wall` reads the clock as the RFC does.
    """

    gap: Gap = "rfc"
    fold: Fold = "first"
    subdaily: Subdaily = "elapsed"

    @classmethod
    def parse(cls, text: str, *, default: "DstPolicy | None" = None) -> "DstPolicy":
        """Read words such as "skip, both"; what is not named is as in `default`."""
        chosen: dict[str, Any] = {}
        for word in filter(None, (word.strip() for word in text.split(","))):
            matter = _MATTER_OF.get(word)
            if matter is None:
                raise InvalidSchedule("dst_policy", f"{word[:64]!r} is not a DST policy: use {', '.join(_MATTER_OF)}")
            chosen[matter] = word
        return replace(default or cls(), **chosen)


_MATTER_OF = {
    word: field.name
    for field, words in zip(fields(DstPolicy), (Gap, Fold, Subdaily), strict=True)
    for word in get_args(words)
}


def resolve(local: datetime, *, zone: ZoneInfo, policy: DstPolicy) -> tuple[datetime, ...]:
    """The instants (in UTC, ascending) that a naive local time stands for; none for a skipped gap."""
    earlier, later = _offsets(local, zone)
    first = (local - earlier).replace(tzinfo=UTC)
    if earlier == later:
        return (first,)
    if earlier < later:
        return _in_gap(first, zone=zone, width=later - earlier, gap=policy.gap)
    second = (local - later).replace(tzinfo=UTC)
    return {"first": (first,), "second": (second,), "both": (first, second)}[policy.fold]


def instant_of(local: datetime, *, zone: ZoneInfo) -> datetime:
    """The one instant (in UTC) of a naive local time: in a gap, with the offset before it; of two, the first."""
    [instant] = resolve(local, zone=zone, policy=DstPolicy())
    return instant


def resolve_ascending(locals_: Iterable[datetime], *, zone: ZoneInfo, policy: DstPolicy) -> Iterator[datetime]:
    """Distinct instants (in UTC) of ascending local times, put in order: one shifted out of a gap may overtake others."""
    waiting: list[datetime] = []
    last: datetime | None = None
    for local in locals_:
        earlier, later = _offsets(local, zone)
        if earlier != later:
            for instant in resolve(local, zone=zone, policy=policy):
                heapq.heappush(waiting, instant)
            continue
        instant = (local - earlier).replace(tzinfo=UTC)
        # Unambiguous: whatever follows is later than this instant.
        while waiting and waiting[0] <= instant:
            overtaking = heapq.heappop(waiting)
            if overtaking != last:
                yield overtaking
            last = overtaking
        if instant != last:
            yield instant
        last = instant
    yield from sorted(set(waiting) - {last})


def earliest_local(moment: datetime, *, zone: ZoneInfo) -> datetime:
    """A naive local time from which on all local times lie whose instants are after `moment`.

    It is the moment read with the smallest offset in force near it. Only a change no further away than it moves the
    clocks counts: a time that a later change repeats, or an earlier one shifted, lies within that of the change.
    """
    offsets = _offsets_near(moment, zone, _WIDEST)
    if len(offsets) > 1:
        offsets = _offsets_near(moment, zone, max(offsets) - min(offsets))
    return (moment + min(offsets)).replace(tzinfo=None)


def transition_between(start: datetime, end: datetime, *, zone: ZoneInfo) -> datetime:
    """The first whole second in (start, end] (UTC) with another offset than `start` has; there must be one."""
    offset = start.astimezone(zone).utcoffset()
    low, high = 0, (end - start) // _SECOND
    while high - low > 1:
        middle = (low + high) // 2
        if (start + middle * _SECOND).astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return start + high * _SECOND


def _offsets_near(moment: datetime, zone: ZoneInfo, distance: timedelta) -> set[timedelta]:
    offsets = ((moment + shift).astimezone(zone).utcoffset() for shift in (-distance, timedelta(0), distance))
    return {offset for offset in offsets if offset is not None}


def _offsets(local: datetime, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    """The offset before and after the nearest change; equal where the local time is unambiguous."""
    aware = local.replace(tzinfo=zone)
    earlier, later = aware.utcoffset(), aware.replace(fold=1).utcoffset()
    assert earlier is not None
    assert later is not None
    return earlier, later


def _in_gap(shifted: datetime, *, zone: ZoneInfo, width: timedelta, gap: Gap) -> tuple[datetime, ...]:
    if gap == "skip":
        return ()
    if gap == "rfc":
        return (shifted,)
    return (transition_between(shifted - width, shifted, zone=zone),)
