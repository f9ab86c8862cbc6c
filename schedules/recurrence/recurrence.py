"""When a recurrence is due: its rules, its extra dates and its exceptions, as instants in one zone."""

import copy
import heapq
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain
from typing import Self
from zoneinfo import ZoneInfo

from schedules.dst import DstPolicy
from schedules.errors import InvalidRecurrence, InvalidSchedule
from schedules.recurrence.patterns import Pattern
from schedules.recurrence.rule import Rule
from schedules.recurrence.streams import InstantStream, stream_of
from schedules.recurrence.text import FIRST_YEAR, LAST_YEAR, Moment, check_year, instant_of, parse_text
from schedules.series import Series
from schedules.zones import zone

_LARGEST_COUNT_OF_CHOSEN = 500
_MOST_RULES = 8
_SOON = 32  # instances


class Recurrence(Series):
    """An RFC 5545 recurrence; its errata count, and COUNT counts distinct instants.

    rule: an RRULE's value, or lines of DTSTART, RRULE, RDATE and EXDATE. dtstart: naive, local to `timezone` (an IANA
    name); a DTSTART in the text goes before it, and with its TZID before `timezone`. rdates, exdates: further dates to
    add and to leave out, naive (local) or aware. Parts of a second are dropped from dtstart. Immutable. Raises `InvalidRecurrence`,
    which names the part at fault.
    """

    def __init__(  # noqa: PLR0913  its keywords are the contract
        self,
        rule: str,
        *,
        dtstart: datetime | None = None,
        timezone: str,
        rdates: Iterable[datetime] = (),
        exdates: Iterable[datetime] = (),
        dst_policy: DstPolicy = DstPolicy(),  # noqa: B008  frozen
    ) -> None:
        text = parse_text(rule)
        home = _zone(timezone)
        start = text.start or _given_start(dtstart)
        self.zone: ZoneInfo = start.zone or home
        self.dtstart = _checked_start(start.local)
        self.dst_policy: DstPolicy = dst_policy
        self._rules = tuple(text.rules)
        _check_rules(self._rules)
        self._rdates = sorted(_instants(text.rdates, self.zone) | _given_instants("RDATE", rdates, self.zone))
        self._exdates = _instants(text.exdates, self.zone) | _given_instants("EXDATE", exdates, self.zone)
        self._text = rule

    def with_policy(self, policy: DstPolicy) -> Self:
        other = copy.copy(self)
        other.dst_policy = policy
        for made_for_this_policy in ("_streams", "_key"):
            other.__dict__.pop(made_for_this_policy, None)
        return other

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, Recurrence) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Recurrence({self._text!r}, dtstart={self.dtstart!r}, timezone={self.zone.key!r})"

    @cached_property
    def _key(self) -> tuple[object, ...]:
        dates = (tuple(self._rdates), frozenset(self._exdates))
        return (self._text, self.dtstart, self.zone.key, *dates, self.dst_policy)

    @cached_property
    def _streams(self) -> tuple[InstantStream, ...]:
        return tuple(
            stream_of(rule, start=self.dtstart, zone=self.zone, policy=self.dst_policy)
            for rule in dict.fromkeys(self._rules)
        )

    def separate_instants(self) -> list[datetime]:
        """The instants (in UTC, ascending) of RDATE and of rules that soon end; EXDATE is left out of them."""
        of_rules = (stream.all_within(_SOON) or [] for stream in self._streams)
        return sorted({*self._rdates, *chain.from_iterable(of_rules)} - self._exdates)

    def patterns(self) -> list[Pattern]:
        """What every other rule repeats."""
        return [stream.pattern() for stream in self._streams if stream.all_within(_SOON) is None]

    def _instants_after(self, moment: datetime) -> Iterator[datetime]:
        for instant in self._merged(moment):
            if instant not in self._exdates:
                yield instant.astimezone(self.zone)

    def _merged(self, moment: datetime) -> Iterator[datetime]:
        streams: list[Iterable[datetime]] = [stream.after(moment) for stream in self._streams]
        if self._rdates:
            streams.append(instant for instant in self._rdates if instant > moment)
        if len(streams) == 1:
            yield from streams[0]
            return
        last = None
        for instant in heapq.merge(*streams):
            if instant != last:
                yield instant
            last = instant


def _zone(name: str) -> ZoneInfo:
    try:
        return zone(name)
    except InvalidSchedule as error:
        raise InvalidRecurrence("TZID", error.message, part=error.part) from error


def _given_start(dtstart: datetime | None) -> Moment:
    if dtstart is None:
        raise InvalidRecurrence(
            "DTSTART", "a recurrence needs a start: give dtstart, or a DTSTART line", part="dtstart"
        )
    if dtstart.tzinfo is not None:
        raise InvalidRecurrence(
            "DTSTART", "dtstart is local to the time zone: give it without an offset", part="dtstart"
        )
    return Moment(dtstart, None)


def _checked_start(local: datetime) -> datetime:
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        raise InvalidRecurrence("DTSTART", f"DTSTART must lie in the years {FIRST_YEAR} to {LAST_YEAR}", part="dtstart")
    return local.replace(microsecond=0, fold=0)


def _check_rules(rules: Sequence[Rule]) -> None:
    if len(rules) > _MOST_RULES:
        raise InvalidRecurrence("RRULE", f"a recurrence may have at most {_MOST_RULES} RRULE lines, not {len(rules)}")
    for rule in rules:
        chosen = rule.frequency.subdaily and rule.positions
        if rule.count is None or rule.count <= _LARGEST_COUNT_OF_CHOSEN or not chosen:
            continue
        raise InvalidRecurrence(
            "COUNT",
            f"COUNT must be at most {_LARGEST_COUNT_OF_CHOSEN} beside BYSETPOS in a rule of hours or less: use UNTIL",
        )


def _instants(moments: Iterable[Moment], home: ZoneInfo) -> set[datetime]:
    return {instant_of(moment, home) for moment in moments}


def _given_instants(name: str, moments: Iterable[datetime], home: ZoneInfo) -> set[datetime]:
    moments = tuple(moments)
    for moment in moments:
        check_year(name, moment)
    return {(moment if moment.tzinfo else moment.replace(tzinfo=home)).astimezone(UTC) for moment in moments}
