"""A calendar's definition: a JSON tree whose leaves are sets of dates.

{"union": [{"country": "MD"}, {"weekends": true},
           {"difference": [{"rrule": "FREQ=WEEKLY;BYDAY=FR", "dtstart": "2026-01-01"}, {"dates": ["2026-12-25"]}]}]}
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from urllib.parse import urlsplit

from schedules.calendars.countries import Country, UnknownCountry
from schedules.calendars.dates import Another, Calendar, DateSet, Difference, Listed, Union, Weekend, Yearly, name_from
from schedules.calendars.errors import InvalidCalendar
from schedules.calendars.ics import read_ics
from schedules.calendars.ics_file import InvalidIcs
from schedules.calendars.rules import RuleDays, UnfitRule, fit_recurrence
from schedules.calendars.tree import Allowance, Node, check_text, nodes_of, tree_of
from schedules.errors import InvalidSchedule
from schedules.recurrence.rule import WEEKDAYS
from schedules.recurrence.text import FIRST_YEAR, LAST_YEAR

LONGEST_ICS = 2_000_000  # characters of a fetched file
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def parse_calendar(
    definition: object,
    *,
    fetched: Mapping[str, str] = {},
    others: Callable[[str], DateSet] | None = None,
) -> DateSet:
    """The days of a definition (JSON values).

    fetched: the texts behind its `urls`. others: the calendar of a name, or `LookupError` for none; the caller refuses
    circles. Raises `InvalidCalendar`, which names the place. What is answered does not change: keep it.
    """
    allowance = Allowance()
    return Calendar(_Builder(fetched, others or _no_others, allowance).build(tree_of(definition, allowance)))


def references(definition: object) -> set[str]:
    """The names of the other calendars that a definition needs; raises `InvalidCalendar` when it is no tree."""
    return {node.value for node in nodes_of(tree_of(definition, Allowance())) if node.kind == "calendar"}


def urls(definition: object) -> set[str]:
    """The addresses whose texts a definition needs; raises `InvalidCalendar` when it is no tree."""
    return {node.value for node in nodes_of(tree_of(definition, Allowance())) if node.kind == "ics_url"}


class _Builder:
    """Makes the sets that nodes stand for."""

    def __init__(self, fetched: Mapping[str, str], others: Callable[[str], DateSet], allowance: Allowance) -> None:
        self._fetched = fetched
        self._others = others
        self._allowance = allowance

    def build(self, node: Node) -> Yearly:
        made: Yearly = getattr(self, f"_{node.kind}")(node)
        return made

    def _union(self, node: Node) -> Yearly:
        return Union([self.build(child) for child in node.children])

    def _difference(self, node: Node) -> Yearly:
        return Difference([self.build(child) for child in node.children])

    def _dates(self, node: Node) -> Yearly:
        if not isinstance(node.value, list):
            raise InvalidCalendar(node.at, 'dates takes a list such as ["2026-12-24"]')
        self._allowance.take("dates", len(node.value), node.at)
        return Listed([_listed(item, f"{node.at}/{index}") for index, item in enumerate(node.value)])

    def _weekends(self, node: Node) -> Yearly:
        days = ["SA", "SU"] if node.value is True else node.value
        if not isinstance(days, list) or not days or not all(day in WEEKDAYS for day in days):
            raise InvalidCalendar(
                node.at, f'weekends takes true (SA and SU) or days such as ["FR", "SA"], of {WEEKDAYS}'
            )
        return Weekend(frozenset(map(WEEKDAYS.index, days)))

    def _country(self, node: Node) -> Yearly:
        subdivision = node.beside.get("subdivision")
        if subdivision is not None:
            check_text(subdivision, f"{node.pointer}/subdivision")
        try:
            return Country(node.value, subdivision=subdivision)
        except UnknownCountry as error:
            raise InvalidCalendar(
                node.at if subdivision is None else f"{node.pointer}/subdivision", str(error)
            ) from error

    def _rrule(self, node: Node) -> Yearly:
        self._allowance.take("rules and recurring events", 1, node.at)
        name = node.beside.get("name", "")
        if name != "":
            check_text(name, f"{node.pointer}/name")
        start = _start(node.beside.get("dtstart"), f"{node.pointer}/dtstart")
        try:
            days = RuleDays(fit_recurrence(node.value, dtstart=start, timezone="UTC"), name=name_from(name))
        except UnfitRule as error:
            raise InvalidCalendar(node.at, str(error)) from error
        except InvalidSchedule as error:
            place = "dtstart" if error.part == "dtstart" else "rrule"
            raise InvalidCalendar(f"{node.pointer}/{place}", str(error)) from error
        if not days.ever_occurs():
            raise InvalidCalendar(node.at, "the rule never occurs: no date can match it")
        return days

    def _ics(self, node: Node) -> Yearly:
        return self._read_ics(node.value, node.at)

    def _ics_url(self, node: Node) -> Yearly:
        if urlsplit(node.value).scheme not in {"http", "https"}:
            raise InvalidCalendar(node.at, "ics_url takes an address that begins with https://")
        text = self._fetched.get(node.value)
        if text is None:
            raise InvalidCalendar(node.at, "the file behind this address has not been fetched yet")
        if len(text) > LONGEST_ICS:
            raise InvalidCalendar(node.at, f"the file has more than {LONGEST_ICS} characters")
        return self._read_ics(text, node.at)

    def _read_ics(self, text: str, pointer: str) -> Yearly:
        try:
            found = read_ics(text, most_events=self._allowance.events, most_rules=self._allowance.rules)
        except InvalidIcs as error:
            raise InvalidCalendar(pointer, str(error)) from error
        self._allowance.take("events", len(found.spans), pointer)
        self._allowance.take("rules and recurring events", len(found.rules), pointer)
        return found

    def _calendar(self, node: Node) -> Yearly:
        try:
            return Another(self._others(node.value))
        except LookupError as error:
            raise InvalidCalendar(node.at, f"there is no calendar {node.value[:60]!r}: create it first") from error


def _no_others(name: str) -> DateSet:
    raise LookupError(name)


def _listed(item: object, pointer: str) -> tuple[date, str]:
    name = ""
    if isinstance(item, dict):
        if not item.keys() <= {"date", "name"}:
            raise InvalidCalendar(pointer, 'a named date is {"date": "2026-12-31", "name": "Stocktaking"}')
        name, item = item.get("name", ""), item.get("date")
        if name != "":
            check_text(name, f"{pointer}/name")
    if not isinstance(item, str) or _DATE.fullmatch(item) is None:
        raise InvalidCalendar(pointer, 'a date looks like "2026-12-24"')
    return _day(item, pointer), name_from(name)


def _day(text: str, pointer: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidCalendar(pointer, f"{text} is not a possible date") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidCalendar(pointer, f"a date must lie in the years {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _start(raw: object, pointer: str) -> datetime | None:
    if raw is None:
        return None
    if not isinstance(raw, str) or _DATE.fullmatch(raw) is None:
        raise InvalidCalendar(pointer, 'dtstart is the day from which the rule counts, such as "2020-01-01"')
    return datetime.combine(_day(raw, pointer), datetime.min.time())
