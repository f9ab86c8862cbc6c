"""Which periodic task follows an RRULE.

django-celery-beat insists that a `PeriodicTask` has exactly one of its own four schedules, so that stays as it is. The
recurrence stands beside it and goes before it: our scheduler follows the recurrence, another one the task's own schedule.
"""

from datetime import datetime, timedelta
from typing import Any

from celery.schedules import schedule
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from schedules.beat import celery_schedule
from schedules.dst import DstPolicy
from schedules.errors import InvalidSchedule
from schedules.parse import parse_schedule
from schedules.recurrence.text import LONGEST_TEXT

# What a task without a schedule of its own is given: so long an interval that another scheduler does not fire it.
CARRIER = schedule(timedelta(days=20_000))

_FIELD_OF = {"schedule_expr": "rrule", "timezone": "timezone", "dtstart": "dtstart", "dst_policy": "dst_policy"}


class TaskRecurrence(models.Model):
    """The RRULE of a periodic task."""

    periodic_task = models.OneToOneField(PeriodicTask, on_delete=models.CASCADE, related_name="recurrence")
    rrule = models.TextField(
        "RRULE",
        max_length=LONGEST_TEXT,
        help_text="Such as FREQ=DAILY;BYHOUR=9. It goes before the task's own schedule.",
    )
    dtstart = models.CharField(
        "start",
        max_length=19,
        blank=True,
        help_text="Local to the time zone, such as 2026-03-01T00:00:00; or a DTSTART line.",
    )
    timezone = models.CharField("time zone", max_length=64, default="UTC", help_text="An IANA name.")
    dst_policy = models.CharField("DST policy", max_length=64, blank=True, help_text="Such as: skip, both.")

    class Meta:
        verbose_name = "recurrence"

    def __str__(self) -> str:
        return self.rrule

    def clean(self) -> None:
        try:
            instants = parse_schedule(
                "rrule", self.rrule, timezone=self.timezone, dtstart=self.dtstart, dst_policy=self.dst_policy
            ).after(timezone.now())
        except InvalidSchedule as error:
            raise ValidationError({_FIELD_OF[error.part]: error.message}) from error
        if not instants:
            raise ValidationError({"rrule": "The rule has no instant after now."})

    def celery_schedule(self, **more: Any) -> celery_schedule.rrule:
        """What beat asks. Raises `InvalidSchedule` for fields that were written past `clean`."""
        return celery_schedule.rrule(
            self.rrule,
            dtstart=datetime.fromisoformat(self.dtstart) if self.dtstart else None,
            timezone=self.timezone,
            dst_policy=DstPolicy.parse(self.dst_policy),
            **more,
        )
