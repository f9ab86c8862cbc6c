"""Which instants a local time stands for, where clocks are put forward or back.

            gap                                   fold
    01:59 | 03:00                       01:59 first | 01:00 second
    02:30 never happens                 01:30 happens twice

Two aware datetimes of one zone compare without fold and offset, so instants are compared in UTC only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from schedules.errors import InvalidSchedule

Gap = Literal["rfc", "next_valid", "skip"]
Fold = Literal["first", "second", "both"]
Subdaily = Literal["elapsed", "wall"]

_SECOND = timedelta(seconds=1)
_UNSETTLED = timedelta(days=2)
_MARGIN = timedelta(days=3)


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
    def parse(cls, text: str) -> "DstPolicy":
        """Read words such as "skip, both"; what is not named keeps its default."""
        chosen: dict[str, Any] = {}
        for word in filter(None, (word.strip() for word in text.split(","))):
            matter = _MATTER_OF.get(word)
            if matter is None:
                raise InvalidSchedule("dst_policy", f"{word[:64]!r} is not a DST policy: use {', '.join(_MATTER_OF)}")
            chosen[matter] = word
        return cls(**chosen)


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


def resolve_ascending(locals_: Iterable[datetime], *, zone: ZoneInfo, policy: DstPolicy) -> Iterator[datetime]:
    """Distinct instants (in UTC) of ascending local times, put in order: one shifted out of a gap may overtake others."""
    waiting: list[datetime] = []
    last: datetime | None = None
    for local in locals_:
        earlier, later = _offsets(local, zone)
        if earlier != later:
            waiting += resolve(local, zone=zone, policy=policy)
            continue
        instant = (local - earlier).replace(tzinfo=UTC)
        if waiting:
            # Unambiguous: whatever follows is later than this instant.
            ordered = sorted({*waiting, instant})
            end = ordered.index(instant) + 1
            yield from ordered[:end]
            waiting = ordered[end:]
        elif instant != last:
            yield instant
        last = instant
    yield from sorted(set(waiting))


def earliest_local(moment: datetime, *, zone: ZoneInfo) -> datetime:
    """A naive local time from which on all local times lie whose instants are after `moment`.

    It is the moment's own reading, unless the zone's offset changes near it: then three days before.
    """
    local = moment.astimezone(zone)
    offset = local.utcoffset()
    before, after = (moment + shift for shift in (-_UNSETTLED, _UNSETTLED))
    settled = before.astimezone(zone).utcoffset() == offset == after.astimezone(zone).utcoffset()
    naive = local.replace(tzinfo=None, fold=0)
    return naive if settled else naive - _MARGIN


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
