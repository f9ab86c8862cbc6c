"""Short ways to ask a calendar."""

from datetime import date, timedelta

from schedules.calendars import DateSet, parse_calendar


def named(definition: object, year: int, **given: object) -> dict[str, str]:
    """Every day of a year that a definition holds, with its name."""
    return named_in(parse_calendar(definition, **given), year)


def named_in(days: DateSet, year: int) -> dict[str, str]:
    first = date(year, 1, 1)
    every = [first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days)]
    return {day.isoformat(): name for day in every if (name := days.name_of(day)) is not None}


def days(definition: object, year: int, **given: object) -> list[str]:
    return list(named(definition, year, **given))


def ics(*lines: str, head: tuple[str, ...] = ()) -> str:
    """A file of events; each is what stands between its BEGIN and END, parted by '|'."""
    events = ["\r\n".join(["BEGIN:VEVENT", *line.split("|"), "END:VEVENT"]) for line in lines]
    return "\r\n".join(["BEGIN:VCALENDAR", *head, *events, "END:VCALENDAR", ""])
