"""The days of an iCalendar file's events; recurrences are our own."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar.prop import vDuration

from schedules.calendars.dates import name_from
from schedules.calendars.ics_file import UTC_ZONE, InvalidIcs, RawEvent, When, events_of, one_time, times_of
from schedules.calendars.rules import RuleDays, UnfitRule, fit_recurrence
from schedules.errors import InvalidSchedule

_LONGEST_SPAN = 366
_MOST_RDATES = 5000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class IcsDays:
    """What a file holds: spans of days (first, last, name), and the recurring ones."""

    spans: list[tuple[date, date, str]]
    rules: list[RuleDays]

    def of_year(self, year: int) -> Mapping[date, str]:
        named: dict[date, str] = {}
        first, last = date(year, 1, 1), date(year, 12, 31)
        for start, end, name in self.spans:
            day = max(start, first)
            while day <= min(end, last):
                named.setdefault(day, name)
                day += _DAY
        for rule in self.rules:
            named = {**rule.of_year(year), **named}
        return named


def read_ics(text: str, *, most_events: int, most_rules: int) -> IcsDays:
    """The days that the events of a file cover, each named by its event's SUMMARY.

    A whole-day event covers its days, a timed one each local date on which it lasts. The date is read in the event's
    own zone; of a time in UTC it is read in the calendar's (X-WR-TIMEZONE), if it says one. Cancelled events cover
    nothing; a changed instance (RECURRENCE-ID) goes in the place of the original. Raises `InvalidIcs`.
    """
    events, home = events_of(text, most=most_events)
    changed = _changed_instances(events)
    days = IcsDays([], [])
    for event in events:
        if event.text("STATUS").upper() == "CANCELLED":
            continue
        try:
            _add(event, days, home=home, changed=changed.get(event.text("UID"), []))
        except (InvalidSchedule, UnfitRule) as error:
            raise InvalidIcs(f"{event}: {error}") from error
        if len(days.spans) > most_events:
            raise InvalidIcs(f"the file has more than {most_events} events and RDATEs: leave some out")
        if len(days.rules) > most_rules:
            raise InvalidIcs(f"the file has more than {most_rules} recurring events: leave some out")
    return days


def _changed_instances(events: list[RawEvent]) -> dict[str, list[When]]:
    """By UID the instances that another event of the file replaces or cancels."""
    changed: dict[str, list[When]] = defaultdict(list)
    for event in events:
        if "RECURRENCE-ID" not in event.once:
            continue
        line = event.once["RECURRENCE-ID"]
        if "RANGE" in line.parameters:
            raise InvalidIcs(f"{event}: RANGE is not supported: write the later instances as an event of their own")
        try:
            changed[event.text("UID")] += times_of(line)
        except InvalidSchedule as error:
            raise InvalidIcs(f"{event}: {error}") from error
    return changed


def _add(event: RawEvent, days: IcsDays, *, home: ZoneInfo | None, changed: list[When]) -> None:
    if "DTSTART" not in event.once:
        raise InvalidIcs(f"{event}: DTSTART is missing")
    start = one_time(event.once["DTSTART"])
    name, span = name_from(event.text("SUMMARY")), _span(event, start, home)
    rdates = [when for line in event.many["RDATE"] for when in times_of(line)]
    if len(rdates) > _MOST_RDATES:
        raise InvalidIcs(f"{event}: an event has at most {_MOST_RDATES} RDATEs")
    left_out = [when for line in event.many["EXDATE"] for when in times_of(line)]
    if "RECURRENCE-ID" not in event.once:
        left_out += changed
    excluded = {when.moment(start.zone) for when in left_out}
    if event.many["RRULE"]:
        days.rules.append(_rule_days(event, start, home=home, name=name, span=span, rdates=rdates, excluded=excluded))
        return
    for when in (start, *rdates):
        if when.moment(start.zone) not in excluded:
            first = when.dated_in(home).date()
            days.spans.append((first, first + (span - 1) * _DAY, name))


def _rule_days(  # noqa: PLR0913  what an event says, read
    event: RawEvent,
    start: When,
    *,
    home: ZoneInfo | None,
    name: str,
    span: int,
    rdates: list[When],
    excluded: set[datetime],
) -> RuleDays:
    text = "\n".join(f"RRULE:{line.value}" for line in event.many["RRULE"])
    recurrence = fit_recurrence(
        text,
        dtstart=start.local,
        timezone=(start.zone or UTC_ZONE).key,
        rdates=[when.moment(start.zone) for when in rdates],
        exdates=excluded,
    )
    in_home = home if start.zone is UTC_ZONE and not start.whole_day else None
    return RuleDays(recurrence, name=name, span=span, zone=in_home)


def _span(event: RawEvent, start: When, home: ZoneInfo | None) -> int:
    """On how many days the event lasts; its end is not part of it, but an event without length has its day."""
    first = start.dated_in(home)
    end = _end(event, start, first, home)
    if end < first:
        raise InvalidIcs(f"{event}: its end lies before its start")
    last = max(end - timedelta(microseconds=1), first).date()
    span = (last - first.date()).days + 1
    if span > _LONGEST_SPAN:
        raise InvalidIcs(f"{event}: an event may last at most {_LONGEST_SPAN} days")
    return span


def _end(event: RawEvent, start: When, first: datetime, home: ZoneInfo | None) -> datetime:
    if "DTEND" in event.once:
        end = one_time(event.once["DTEND"])
        return end.dated_in(home)
    if "DURATION" in event.once:
        try:
            duration: timedelta = vDuration.from_ical(event.text("DURATION").upper())  # type: ignore[no-untyped-call]
            return first + min(duration, 2 * _LONGEST_SPAN * _DAY)
        except (ValueError, OverflowError) as error:
            raise InvalidIcs(f"{event}: DURATION must look like P1D or PT90M") from error
    return first + _DAY if start.whole_day else first
