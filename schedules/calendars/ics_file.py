"""Which events an iCalendar file holds, and when they say they are (RFC 5545, 3.6.1).

The `icalendar` package parts lines into names, parameters and values. Its components are not used: reading one expands
the rules of every VTIMEZONE, and a hostile rule there has no end. Zones are the IANA's.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from icalendar.parser import Contentline, Contentlines
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from schedules.calendars.dates import name_from
from schedules.errors import InvalidSchedule
from schedules.recurrence.grammar import parse_date_time
from schedules.recurrence.text import check_year
from schedules.zones import zone

_ONCE = frozenset({"UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "STATUS", "RECURRENCE-ID"})
_MANY = frozenset({"RRULE", "RDATE", "EXDATE"})
_MOST_DEEP = 5
_FILE = ["VCALENDAR"]
_EVENT = ["VCALENDAR", "VEVENT"]
UTC_ZONE = zone("UTC")


class InvalidIcs(ValueError):
    """A file or one of its events was refused; the message names it and says the cure."""


@dataclass(frozen=True, slots=True)
class Property:
    """One line of an event. `parameters` have upper-case names."""

    name: str
    parameters: Mapping[str, str]
    value: str


@dataclass(slots=True)
class RawEvent:
    """The lines of one VEVENT that say when it is and what it is called."""

    number: int
    once: dict[str, Property] = field(default_factory=dict)
    many: dict[str, list[Property]] = field(default_factory=lambda: defaultdict(list))

    def text(self, name: str) -> str:
        return self.once[name].value if name in self.once else ""

    def __str__(self) -> str:
        return f"event {self.number} ({name_from(self.text('SUMMARY'))!r})"


@dataclass(frozen=True, slots=True)
class When:
    """A time as an event writes it: local, in its zone (none for a floating one), or a whole day."""

    local: datetime
    zone: ZoneInfo | None
    whole_day: bool

    def dated_in(self, home: ZoneInfo | None) -> datetime:
        """The naive reading whose date counts: its own, and for a time in UTC the one in the calendar's zone."""
        if home is None or self.zone is not UTC_ZONE or self.whole_day:
            return self.local
        return self.local.replace(tzinfo=UTC).astimezone(home).replace(tzinfo=None)

    def moment(self, home: ZoneInfo | None) -> datetime:
        """The instant; a floating time is read in `home`, the zone of its event's start."""
        return self.local.replace(tzinfo=self.zone or home or UTC).astimezone(UTC)


def events_of(text: str, *, most: int) -> tuple[list[RawEvent], ZoneInfo | None]:
    """The file's events, and the zone that it is shown in (X-WR-TIMEZONE). Raises `InvalidIcs`."""
    events: list[RawEvent] = []
    home = None
    for inside, line in _placed(text):
        if line.name == "BEGIN" and inside == _EVENT:
            events.append(RawEvent(len(events) + 1))
            if len(events) > most:
                raise InvalidIcs(f"the file has more than {most} events: split it, or leave old ones out")
        elif inside == _EVENT:
            _keep(line, events[-1])
        elif inside == _FILE and line.name == "X-WR-TIMEZONE":
            home = _zone(line.value, quietly=True)
    return events, home


def _placed(text: str) -> Iterator[tuple[list[str], Property]]:
    """The lines, each with the names of the parts that it stands in."""
    inside: list[str] = []
    begun = False
    for line in _lines(text):
        if line.name == "BEGIN":
            inside.append(line.value.upper())
            if len(inside) > _MOST_DEEP:
                raise InvalidIcs("the file's parts lie too deep in one another")
        if inside[:1] != _FILE:
            raise InvalidIcs("this is no iCalendar file: it begins with BEGIN:VCALENDAR")
        begun = True
        if line.name == "END" and inside.pop() != line.value.upper():
            raise InvalidIcs(f"END:{line.value[:40]} has no BEGIN: the file is broken")
        if line.name != "END":
            yield inside, line
    if not begun:
        raise InvalidIcs("this is no iCalendar file: it begins with BEGIN:VCALENDAR")
    if inside:
        raise InvalidIcs("the file ends too early: it ends with END:VCALENDAR")


def _lines(text: str) -> Iterator[Property]:
    kept = _ONCE | _MANY | {"BEGIN", "END", "X-WR-TIMEZONE"}
    for line in Contentlines.from_ical(text.removeprefix("\ufeff")):  # type: ignore[no-untyped-call]
        name = line.replace(";", ":").partition(":")[0].strip().upper()
        if name in kept:
            yield _property(line, name)


def _property(line: Contentline, name: str) -> Property:
    try:
        _, parameters, value = line.parts() if name == "SUMMARY" else line.raw_parts()
    except ValueError as error:
        raise InvalidIcs(f"a line of the file cannot be read: {line[:60]!r}") from error
    return Property(name, {key.upper(): str(text) for key, text in parameters.items()}, value.strip())


def _keep(line: Property, event: RawEvent) -> None:
    if line.name in _ONCE:
        if line.name in event.once:
            raise InvalidIcs(f"{event}: {line.name} is given twice")
        event.once[line.name] = line
    elif line.name in _MANY:
        event.many[line.name].append(line)


def times_of(line: Property) -> list[When]:
    """Every time of a line; raises `InvalidSchedule`."""
    place = _zone(line.parameters["TZID"], quietly=False) if "TZID" in line.parameters else None
    return [_time(line.name, text, place) for text in line.value.upper().split(",")]


def one_time(line: Property) -> When:
    [first, *more] = times_of(line)
    if more:
        raise InvalidIcs(f"{line.name} takes one time, not {line.value[:40]!r}")
    return first


def _time(name: str, text: str, place: ZoneInfo | None) -> When:
    local, in_utc = parse_date_time(name, text.strip())
    check_year(name, local)
    if "T" not in text:
        return When(local, None, whole_day=True)
    return When(local, UTC_ZONE if in_utc else place, whole_day=False)


def _zone(tzid: str, *, quietly: bool) -> ZoneInfo | None:
    """The zone that a TZID names: an IANA name, one at the end of a path, or the name that Windows has for it."""
    parts = tzid.strip().strip("/").split("/")
    names = [WINDOWS_TO_OLSON.get(tzid.strip(), "")] + ["/".join(parts[-length:]) for length in (len(parts), 3, 2, 1)]
    for name in filter(None, names):
        try:
            return zone(name)
        except InvalidSchedule:
            continue
    if quietly:
        return None
    return zone(tzid)
