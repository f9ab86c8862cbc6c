"""Prune: forget what is older than the retention, in batches small enough to disturb nobody."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from tasks_app.conf import conf
from tasks_app.events import positions, stream
from tasks_app.models import (
    Attempt,
    CallTally,
    DeadLetter,
    Destination,
    OutboxEntry,
    PostponedCall,
    RateLine,
    Run,
    SkippedOccurrence,
    StepLog,
    Task,
)
from tasks_app.models.clock import database_now
from tasks_app.models.ids import oldest_id

BATCH: Final = 1000
STREAM_ENTRIES: Final = 100_000
_FORGOTTEN_AFTER: Final = timedelta(days=1)
STREAM_ENTRIES_AT_MOST: Final = 300_000  # however far behind a reader is: Postgres has the rest for it


def run_once(*, batch: int = BATCH) -> dict[str, int]:
    before = database_now() - conf().retention
    pruned = {
        "runs": _prune_runs(before, batch),
        "events": _prune_events(before, batch),
        "skipped": _prune_skipped(before, batch),
        "dead_letters": _prune_dead_letters(before, batch),
        "tasks": _prune_deleted_tasks(batch),
        "destinations": _prune_destinations(batch),
        "places": _prune_places(batch),
    }
    more = batch in pruned.values()
    trimmed = stream.trim(keep=STREAM_ENTRIES, at_most=STREAM_ENTRIES_AT_MOST, wanted=positions.oldest_wanted())
    return pruned | {"trimmed": trimmed, "more": more}


@transaction.atomic
def _prune_runs(before: datetime, batch: int) -> int:
    """Finished runs past the retention, or of deleted tasks, with their attempts and steps."""
    # The key's own order stands for the time of finishing: an index for that alone would cost every completion.
    old = Run.objects.finished().filter(pk__lt=oldest_id(before), finished_at__lt=before).order_by("pk")
    ids = list(old.values_list("pk", flat=True)[:batch])
    deleted = Run.objects.finished().filter(task__in=Task.objects.exclude(deleted_at=None))
    ids += deleted.values_list("pk", flat=True)[: batch - len(ids)]
    Attempt.objects.filter(run_id__in=ids).delete()
    StepLog.objects.filter(run_id__in=ids).delete()
    Run.objects.filter(pk__in=ids).delete()
    return len(ids)


def _prune_events(before: datetime, batch: int) -> int:
    """Published events past the retention; the newest stays, since the next position follows it."""
    newest = OutboxEntry.objects.aggregate(pos=Max("pos"))["pos"] or 0
    # The order of positions stands for that of age: asked for their age, all that are kept would be read each time.
    first = OutboxEntry.objects.filter(pos__lt=newest).order_by("pos").values_list("pk", "at")[:batch]
    ids = [pk for pk, at in first if at < before]
    OutboxEntry.objects.filter(pk__in=ids).delete()
    return len(ids)


def _prune_skipped(before: datetime, batch: int) -> int:
    ids = list(SkippedOccurrence.objects.filter(created_at__lt=before).values_list("pk", flat=True)[:batch])
    SkippedOccurrence.objects.filter(pk__in=ids).delete()
    return len(ids)


def _prune_destinations(batch: int) -> int:
    """Those that nobody has called for a day, whatever their breaker, with their lines: the next call makes them anew."""
    yesterday = database_now() - _FORGOTTEN_AFTER
    RateLine.objects.filter(used_until__lt=yesterday, line_until__lt=yesterday).delete()
    ids = list(
        Destination.objects.filter(called_at__lt=yesterday).order_by("called_at").values_list("pk", flat=True)[:batch]
    )
    CallTally.objects.filter(destination_id__in=ids).delete()
    Destination.objects.filter(pk__in=ids, called_at__lt=yesterday).delete()
    return len(ids)


def _prune_places(batch: int) -> int:
    """Places in line that nobody came back to."""
    old = PostponedCall.objects.filter(promised_at__lt=database_now() - _FORGOTTEN_AFTER)
    ids = list(old.values_list("pk", flat=True)[:batch])
    PostponedCall.objects.filter(pk__in=ids).delete()
    return len(ids)


def _prune_dead_letters(before: datetime, batch: int) -> int:
    ids = list(DeadLetter.objects.filter(at__lt=before, asked_at=None).values_list("pk", flat=True)[:batch])
    return DeadLetter.objects.filter(pk__in=ids, asked_at=None).delete()[0]


@transaction.atomic
def _prune_deleted_tasks(batch: int) -> int:
    empty = Task.objects.exclude(deleted_at=None).filter(~Exists(Run.objects.filter(task=OuterRef("pk"))))
    ids = list(empty.values_list("pk", flat=True)[:batch])
    Task.objects.filter(pk__in=ids).delete()
    return len(ids)
