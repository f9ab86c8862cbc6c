"""When a row of beat's schedule is due: by its recurrence if it has one, else as django-celery-beat decides.

An entry never saves its row: rows are read by many beats, changed by users, and a save would bring back what they held
when this beat read them. It updates the columns that it answers for, and only where the row still says what it judged by.
"""

# mypy: disallow-untyped-calls=False
# django-celery-beat has no types.

import logging
import math
from datetime import datetime, timedelta
from typing import Any, Final, Self
from uuid import UUID, uuid5

from celery import Celery
from celery.schedules import BaseSchedule, schedstate
from celery.utils.time import maybe_make_aware
from django.db import transaction
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import ModelEntry

from schedules.beat.celery_schedule import rrule
from schedules.beat.models import CARRIER, TaskRecurrence

_DISABLED: Final = schedstate(is_due=False, next=5.0)  # as django-celery-beat's
# As django-celery-beat leaves a one-off task: enabled again, it runs once more.
_ENDED: Final = {"enabled": False, "last_run_at": None, "total_run_count": 0}
_SENDINGS: Final = UUID("6e0cbb43-2f0c-4c0e-9f1c-64f7ad27d0c5")

logger = logging.getLogger(__name__)


class RecurrenceEntry(ModelEntry):
    """An entry of a `PeriodicTask` that may carry an RRULE."""

    name: str
    schedule: BaseSchedule
    last_run_at: datetime
    options: dict[str, Any]

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

    def is_due(self) -> schedstate:
        """Whether it is to be sent, and the seconds until it is to be looked at again. Disables a task that has ended."""
        model, now = self.model, self._default_now()
        if not model.enabled:
            return _DISABLED
        if model.start_time and now < model.start_time:
            return schedstate(is_due=False, next=self._seconds_to_start(now))
        if model.expires and now >= model.expires:
            return self._end(self._row.filter(expires__lte=now), enabled=False, last_run_at=None)
        if model.one_off and model.total_run_count > 0:
            return self._end(self._row.filter(one_off=True, total_run_count__gt=0), **_ENDED)
        due, seconds = self.schedule.is_due(maybe_make_aware(self.last_run_at).astimezone(self.app.timezone))
        return schedstate(due, seconds)

    @property
    def task_id(self) -> str:
        """The id of the Celery task that is due: one for one instant, however often that is sent.

        An instant is known by the rule, and without one by the run that it follows.
        """
        instant = self.schedule.instant_after(self.last_run_at) if isinstance(self.schedule, rrule) else None
        return str(uuid5(_SENDINGS, f"{self.model.pk} {(instant or self.last_run_at).isoformat()}"))

    def note_run(self) -> None:
        """Write that it runs now; a one-off task is disabled by that."""
        self.last_run_at = self.model.last_run_at = self._default_now()
        self.total_run_count = self.model.total_run_count = self.model.total_run_count + 1
        if self.model.one_off:
            self.model.enabled = False
            self._row.update(**_ENDED)
        else:
            self._row.update(last_run_at=self.last_run_at, total_run_count=self.total_run_count)

    @property
    def _row(self) -> Any:
        return type(self.model)._default_manager.filter(pk=self.model.pk, enabled=True)  # noqa: SLF001  Django's name

    def _end(self, row: Any, **columns: Any) -> schedstate:
        row.update(**columns)
        self.model.enabled = False
        return _DISABLED

    def _seconds_to_start(self, now: datetime) -> int:
        by_rule = isinstance(self.schedule, rrule)  # then the crontab beside it says nothing
        start = self.model.start_time if by_rule else self.model.due_start_time(now.tzinfo)
        wait: timedelta = start - now
        return math.ceil(wait.total_seconds())

    def _disable(self, model: PeriodicTask) -> None:
        """For a row that cannot run; overrides a save of the whole row."""
        model.enabled = False
        type(model)._default_manager.filter(pk=model.pk).update(enabled=False, last_run_at=None)  # noqa: SLF001

    @classmethod
    def from_entry(cls, name: str, app: Celery | None = None, **entry: Any) -> Self:
        """The row of an entry of the app's own `beat_schedule`, made or brought up to date."""
        schedule = entry["schedule"]
        recurring = isinstance(schedule, rrule)
        columns = cls._unpack_fields(**(entry | {"schedule": CARRIER} if recurring else entry))
        with transaction.atomic():
            task, made = PeriodicTask.objects.get_or_create(name=name, defaults=columns)
            # A needless save would let beats that start again and again put off a first run for ever.
            if not made and any(getattr(task, column) != value for column, value in columns.items()):
                task, _ = PeriodicTask.objects.update_or_create(name=name, defaults=columns)
            if recurring:
                TaskRecurrence.objects.update_or_create(periodic_task=task, defaults=_fields(schedule))
            else:
                TaskRecurrence.objects.filter(periodic_task=task).delete()
        return cls(PeriodicTask.objects.select_related("recurrence").get(pk=task.pk), app=app)


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
