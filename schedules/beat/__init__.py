"""Recurrences for Celery beat and django-celery-beat.

`schedules.beat.rrule` goes into any Celery app's `beat_schedule`; `schedules.beat.DatabaseScheduler` is for
`celery beat -S`. The latter is imported when asked for: its models need Django's apps to be ready.
"""

from typing import Any

from schedules.beat.celery_schedule import rrule

__all__ = ["DatabaseScheduler", "rrule"]


def __getattr__(name: str) -> Any:
    if name == "DatabaseScheduler":
        from schedules.beat.scheduler import DatabaseScheduler  # noqa: PLC0415  see above

        return DatabaseScheduler
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
