"""What the lines around a rule say: DTSTART, RRULE, RDATE and EXDATE, folded or not (RFC 5545, 3.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from schedules.errors import InvalidRecurrence, InvalidSchedule
from schedules.recurrence.grammar import parse_date_time, parse_rule
from schedules.recurrence.rule import Rule
from schedules.zones import zone

LONGEST_TEXT = 1000
FIRST_YEAR = 1583  # the first whole year of the Gregorian calendar
LAST_YEAR = 9990
_FOLD = re.compile(r"\r?\n[ \t]")
_PRINTABLE = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True)
class Moment:
    """A date-time as written: naive, with the zone it names (UTC for `Z`), or none for the rule's own."""

    local: datetime
    zone: ZoneInfo | None


@dataclass
class RecurrenceText:
    """What a recurrence's text holds."""

    start: Moment | None = None
    rules: list[Rule] = field(default_factory=list)
    rdates: list[Moment] = field(default_factory=list)
    exdates: list[Moment] = field(default_factory=list)


def parse_text(text: str) -> RecurrenceText:
    """Read a bare rule or iCalendar lines, in any case; `InvalidRecurrence` names the part at fault."""
    if len(text) > LONGEST_TEXT:
        raise InvalidRecurrence("RRULE", f"the text must have at most {LONGEST_TEXT} characters, not {len(text)}")
    found = RecurrenceText()
    for line in _lines(text):
        _read_line(line, found)
    if not found.rules and not found.rdates:
        raise InvalidRecurrence("RRULE", "the text holds no rule: write one such as FREQ=DAILY;BYHOUR=9")
    return found


def _lines(text: str) -> list[str]:
    lines = re.split(r"\r?\n", _FOLD.sub("", text.strip(" \t\r\n")))
    for line in lines:
        if _PRINTABLE.fullmatch(line) is None:
            raise InvalidRecurrence("RRULE", "the text holds a control or non-ASCII character: write plain ASCII lines")
    return [line for line in lines if line]


def _read_line(line: str, found: RecurrenceText) -> None:
    head, colon, value = line.partition(":")
    if not colon and not found.rules and line.upper().startswith("FREQ="):
        head, value = "RRULE", line
    name, parameters = _parameters(head)
    if name == "RRULE":
        _refuse_parameters(name, parameters)
        found.rules.append(parse_rule(value))
    elif name == "DTSTART":
        if found.start is not None:
            raise InvalidRecurrence("DTSTART", "DTSTART is given twice: a recurrence has one start")
        [found.start] = _moments(name, value, parameters, most=1)
    elif name == "RDATE":
        found.rdates += _moments(name, value, parameters)
    elif name == "EXDATE":
        found.exdates += _moments(name, value, parameters)
    else:
        shown = name if len(name) <= 40 else name[:37] + "..."
        raise InvalidRecurrence(shown, f"{shown!r} is not understood here: use DTSTART, RRULE, RDATE and EXDATE lines")


def _parameters(head: str) -> tuple[str, dict[str, str]]:
    name, *pairs = head.split(";")
    parameters: dict[str, str] = {}
    for pair in pairs:
        key, _, value = pair.partition("=")
        if key.upper() in parameters:
            raise InvalidRecurrence(name.upper(), f"{name.upper()} has {key.upper()} twice")
        parameters[key.upper()] = value.strip('"')
    return name.upper(), parameters


def _refuse_parameters(name: str, parameters: Mapping[str, str]) -> None:
    if parameters:
        raise InvalidRecurrence(name, f"{name} takes no parameter {next(iter(parameters))[:40]!r}")


def _moments(name: str, value: str, parameters: dict[str, str], most: int | None = None) -> list[Moment]:
    """A DATE is that day at 00:00."""
    place = _zone(name, parameters.pop("TZID", None))
    kind = parameters.pop("VALUE", "").upper()
    _refuse_parameters(name, parameters)
    if kind not in {"", "DATE", "DATE-TIME"}:
        raise InvalidRecurrence(name, f"{name} takes VALUE=DATE or DATE-TIME only")
    items = value.upper().split(",")
    if most is not None and len(items) > most:
        raise InvalidRecurrence(name, f"{name} takes one date")
    return [_moment(name, item, kind, place) for item in items]


def _moment(name: str, text: str, kind: str, place: ZoneInfo | None) -> Moment:
    local, in_utc = parse_date_time(name, text)
    if (kind == "DATE") != (len(text) == 8) and kind:
        raise InvalidRecurrence(name, f"{name} says VALUE={kind}, but {text} is another kind")
    if in_utc and place is not None:
        raise InvalidRecurrence(name, f"{name} is in UTC (Z) and has a TZID: give one of them")
    check_year(name, local)
    return Moment(local, zone("UTC") if in_utc else place)


def check_year(name: str, local: datetime) -> None:
    """Raise `InvalidRecurrence` for a time that some zone or some step from it would put beyond the calendar."""
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        raise InvalidRecurrence(name, f"{name} must lie in the years {FIRST_YEAR} to {LAST_YEAR}")


def _zone(name: str, tzid: str | None) -> ZoneInfo | None:
    if tzid is None:
        return None
    try:
        return zone(tzid)
    except InvalidSchedule as error:
        raise InvalidRecurrence(name, f"{name}: TZID {error}") from error


def instant_of(moment: Moment, home: ZoneInfo) -> datetime:
    """The instant in UTC: a time in a gap is read with the offset before it, an ambiguous one is the first."""
    return moment.local.replace(tzinfo=moment.zone or home).astimezone(UTC)
