"""Which days are special: named sets of dates, and what becomes of a schedule's instants on them.

definition.py   the JSON tree of a calendar  ─▶ DateSet
  dates.py        what a set answers, lists and weekends
  rules.py        days by RRULE                     ┐
  ics.py          days by iCalendar events          ├▶ the leaves of the tree
  countries.py    public holidays                   ┘
rolling.py      a schedule's instants with a DateSet and a policy ─▶ kept, withheld, moved
"""

from schedules.calendars.dates import DateSet
from schedules.calendars.definition import parse_calendar, references, urls
from schedules.calendars.errors import InvalidCalendar
from schedules.calendars.rolling import CalendarPolicy, Rolled, roll

__all__ = [
    "CalendarPolicy",
    "DateSet",
    "InvalidCalendar",
    "Rolled",
    "parse_calendar",
    "references",
    "roll",
    "urls",
]
