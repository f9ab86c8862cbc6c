"""What beat runs: the periodic tasks in the database, by recurrence too, and beside them the standing duties."""

# mypy: disallow-untyped-calls=False
# django-celery-beat has no types.

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string
from django_celery_beat import schedulers
from django_celery_beat.models import PeriodicTask

from schedules.beat.duties import Duties, Duty
from schedules.beat.entries import RecurrenceEntry


class DatabaseScheduler(schedulers.DatabaseScheduler):
    """django-celery-beat's scheduler, which also follows RRULEs and runs `settings.BEAT_DUTIES`.

    `BEAT_DUTIES` is `{name: (dotted path of run_once, seconds)}`. The duties begin with the schedule's setup, so never for
    a lazy scheduler (which only introspects), and end at `close()`.
    """

    Entry = RecurrenceEntry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.duties = Duties(())
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        super().setup_schedule()
        self.duties = Duties(_duties())
        self.duties.start()

    def enabled_models_qs(self) -> QuerySet[PeriodicTask]:
        """Every enabled task that may be due soon; one with a recurrence is not judged by the schedule beside it."""
        soon = super().enabled_models_qs().filter(recurrence__isnull=True)
        recurring = self.Model.objects.enabled().filter(recurrence__isnull=False)
        chosen: QuerySet[PeriodicTask] = (soon | recurring).select_related("recurrence")
        return chosen

    def close(self) -> None:
        self.duties.stop()
        super().close()


def _duties() -> list[Duty]:
    named = getattr(settings, "BEAT_DUTIES", {})
    return [Duty(name, import_string(path), float(seconds)) for name, (path, seconds) in named.items()]
