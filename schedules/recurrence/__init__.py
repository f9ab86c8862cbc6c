"""RFC 5545 recurrences.

text.py      lines and dates        ─┐
grammar.py   the parts of an RRULE  ─┴▶ rule.py

days.py      which days of a period      ─┐
periods.py   DAILY and longer, local      ├▶ streams.py   instants in a zone ─▶ recurrence.py
grid.py      HOURLY and shorter          ─┘

day_bits.py, reachable.py     the next day that calendar and INTERVAL agree on, or never
day_times.py, counting.py     where COUNT ends a rule
patterns.py                   what a rule repeats, for `schedules.density`
changes.py, lines.py          when a zone's clocks change, what they read
"""

from schedules.recurrence.recurrence import Recurrence

__all__ = ["Recurrence"]
