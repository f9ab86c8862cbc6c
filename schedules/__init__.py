"""When something is due. Plain Python: no Django, no Celery (those are in `schedules.beat`).

    parse_schedule(kind, expr, ...)  ─▶  Recurrence · Cron · Interval · Once · Never
                                           .after(moment, limit)   .between(start, end)   .with_policy(policy)
    densest_gap(schedule)            ─▶  how close together its instants may be

Local times become instants in `dst.py` alone, with the zone rules of `zones.py`.
"""

from schedules.calendars import InvalidCalendar
from schedules.cron import Cron
from schedules.density import densest_gap
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
    "densest_gap",
    "parse_schedule",
]
