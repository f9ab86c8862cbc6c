"""When something is due. Plain Python: no Django, no Celery (those are in `schedules.beat`).

    parse_schedule(kind, expr, ...)  ─▶  Recurrence · Cron · Interval · Once · Never
                                           .after(moment, limit)   .between(start, end)

Local times become instants in `dst.py` alone, with the zone rules of `zones.py`.
"""

from schedules.calendars import InvalidCalendar
from schedules.cron import Cron
from schedules.dst import DstPolicy
from schedules.errors import InvalidRecurrence, InvalidSchedule
from schedules.interval import Interval
from schedules.once import Never, Once
from schedules.parse import parse_schedule
from schedules.recurrence import Recurrence
from schedules.series import Schedule

__all__ = [
    "Cron",
    "DstPolicy",
    "Interval",
    "InvalidCalendar",
    "InvalidRecurrence",
    "InvalidSchedule",
    "Never",
    "Once",
    "Recurrence",
    "Schedule",
    "parse_schedule",
]
