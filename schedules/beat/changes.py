"""How beat learns that a recurrence changed: as django-celery-beat tells it of its own schedules, by signals."""

from django.db.models.signals import post_delete, post_save
from django_celery_beat.models import PeriodicTasks

from schedules.beat.models import TaskRecurrence


def connect() -> None:
    for signal in (post_save, post_delete):
        signal.connect(PeriodicTasks.update_changed, sender=TaskRecurrence, dispatch_uid="schedules_beat.changed")
