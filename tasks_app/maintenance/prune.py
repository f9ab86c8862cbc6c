"""Prune: forget what is older than the retention, in batches small enough to disturb nobody."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from tasks_app.conf import conf
from tasks_app.events import positions, stream
from tasks_app.models import Attempt, DeadLetter, OutboxEntry, Run, SkippedOccurrence, StepLog, Task
from tasks_app.models.clock import database_now
from tasks_app.models.ids import oldest_id

BATCH: Final = 1000
STREAM_ENTRIES: Final = 100_000
STREAM_ENTRIES_AT_MOST: Final = 300_000  # however far behind a reader is: Postgres has the rest for it


def run_once(*, batch: int = BATCH) -> dict[str, int]:
    before = database_now() - conf().retention
    pruned = {
        "runs": _prune_runs(before, batch),
        "events": _prune_events(before, batch),
        "skipped": _prune_skipped(before, batch),
        "dead_letters": _prune_dead_letters(before, batch),
        "tasks": _prune_deleted_tasks(batch),
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
    old = OutboxEntry.objects.filter(at__lt=before, pos__lt=newest).order_by("pos")
    ids = list(old.values_list("pk", flat=True)[:batch])
    OutboxEntry.objects.filter(pk__in=ids).delete()
    return len(ids)


def _prune_skipped(before: datetime, batch: int) -> int:
    ids = list(SkippedOccurrence.objects.filter(created_at__lt=before).values_list("pk", flat=True)[:batch])
    SkippedOccurrence.objects.filter(pk__in=ids).delete()
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
