"""When a row of beat's schedule is due: by its recurrence if it has one, else as django-celery-beat decides."""

# mypy: disallow-untyped-calls=False
# django-celery-beat has no types.

import logging
from datetime import datetime, timedelta
from typing import Any, Self

from celery import Celery
from django.db import transaction
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import ModelEntry

from schedules.beat.celery_schedule import rrule
from schedules.beat.models import CARRIER, TaskRecurrence

logger = logging.getLogger(__name__)


class RecurrenceEntry(ModelEntry):
    """An entry of a `PeriodicTask` that may carry an RRULE."""

    def __init__(self, model: PeriodicTask, app: Celery | None = None) -> None:
        never_ran = model.last_run_at is None
        super().__init__(model, app=app)
        recurrence: TaskRecurrence | None = getattr(model, "recurrence", None)
        if recurrence is None:
            return
        try:
            self.schedule = recurrence.celery_schedule(app=self.app)
        except ValueError:
            # The scheduler passes over entries with a ValueError, but says nothing.
            logger.exception("The recurrence of periodic task %r cannot be read: it does not run", model.name)
            raise
        if never_ran and model.start_time:
            self.last_run_at = model.last_run_at = _just_before(model.start_time, model.date_changed)

    @classmethod
    def from_entry(cls, name: str, app: Celery | None = None, **entry: Any) -> Self:
        schedule = entry["schedule"]
        if not isinstance(schedule, rrule):
            TaskRecurrence.objects.filter(periodic_task__name=name).delete()
            made: Self = super().from_entry(name, app=app, **entry)
            return made
        with transaction.atomic():
            carrier = super().from_entry(name, app=app, **(entry | {"schedule": CARRIER}))
            TaskRecurrence.objects.update_or_create(periodic_task=carrier.model, defaults=_fields(schedule))
        return cls(PeriodicTask.objects.select_related("recurrence").get(name=name), app=app)


def _just_before(start_time: datetime, changed_at: datetime | None) -> datetime:
    """What to count from until the first run: not long ago, as an interval may, since only an instant of the rule is due."""
    begin = start_time - timedelta(microseconds=1)
    return max(begin, changed_at) if changed_at else begin


def _fields(schedule: rrule) -> dict[str, str]:
    policy = schedule.dst_policy
    return {
        "rrule": schedule.rule,
        "dtstart": schedule.dtstart.isoformat(timespec="seconds") if schedule.dtstart else "",
        "timezone": schedule.timezone,
        "dst_policy": f"{policy.gap}, {policy.fold}, {policy.subdaily}",
    }
