"""RFC 5545 recurrences.

text.py      lines and dates        ─┐
grammar.py   the parts of an RRULE  ─┴▶ rule.py
days.py      which days of a period      ─┐
periods.py   DAILY and longer, local      ├▶ streams.py   instants in a zone ─▶ recurrence.py
grid.py      HOURLY and shorter          ─┘
"""

from schedules.recurrence.recurrence import Recurrence

__all__ = ["Recurrence"]
