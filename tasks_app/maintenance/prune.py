"""Prune: forget what is older than its retention, in batches small enough to disturb nobody.

A round takes one batch of each kind and is over after `SECONDS` at the latest; as long as there is more, it rests for as
long as it has worked. Rows are locked as they are chosen, and those that somebody has are left for later: a run that is
being redriven is not forgotten, and several beats prune different rows.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.db import connection, models, transaction
from django.db.models import Exists, F, Max, OuterRef, Window
from django.db.models.functions import RowNumber

from tasks_app.conf import conf
from tasks_app.events import positions, stream
from tasks_app.models import (
    Attempt,
    CallTally,
    DeadLetter,
    Destination,
    DutyRound,
    HookReceipt,
    KeptAnswer,
    OutboxEntry,
    PostponedCall,
    RateLine,
    RememberedStep,
    Run,
    SkippedOccurrence,
    Spending,
    StepLog,
    Task,
    TokenFamily,
    WebhookDelivery,
)
from tasks_app.models.clock import database_now
from tasks_app.models.ids import oldest_id
from tasks_app.models.kept_answer import KEPT_FOR

BATCH: Final = 1000
SECONDS: Final = 2.0  # no kind is begun later than this after the round's beginning
STREAM_ENTRIES: Final = 100_000
STREAM_ENTRIES_AT_MOST: Final = 300_000  # however far behind a reader is: Postgres has the rest for it
DELIVERIES_OF_A_WEBHOOK: Final = 1_000
_FORGOTTEN_AFTER: Final = timedelta(days=1)

logger = logging.getLogger(__name__)


def run_once(*, batch: int = BATCH, seconds: float = SECONDS) -> dict[str, int]:
    begun = time.monotonic()
    pruned: dict[str, int] = {}
    for kind, prune in _KINDS.items():
        if time.monotonic() - begun > seconds:
            break
        pruned[kind] = prune(batch)
    more = batch in pruned.values() or len(pruned) < len(_KINDS)
    trimmed = _trim()
    if more:
        time.sleep(min(time.monotonic() - begun, seconds))
    return pruned | {"trimmed": trimmed, "more": more}


@transaction.atomic
def _prune_runs(batch: int) -> int:
    """Finished runs past the retention, or of deleted tasks, with their attempts and steps."""
    ids = _locked(_old_runs(), batch)
    if len(ids) < batch:
        ids += _locked(_runs_of_deleted_tasks(batch), batch - len(ids))
    Attempt.objects.filter(run_id__in=ids).delete()
    StepLog.objects.filter(run_id__in=ids).delete()
    Run.objects.filter(pk__in=ids).delete()
    return len(ids)


def _old_runs() -> models.QuerySet[Run]:
    """In the key's own order, which stands for the time of finishing: an index for that would cost every completion."""
    before = database_now() - conf().retention
    return Run.objects.finished().filter(pk__lt=oldest_id(before), finished_at__lt=before).order_by("pk")


def _runs_of_deleted_tasks(batch: int) -> models.QuerySet[Run]:
    """By the tasks, of which few are deleted at one time."""
    deleted = Task.objects.filter(deleted_at__isnull=False).order_by("pk").values_list("pk", flat=True)[:batch]
    return Run.objects.finished().filter(task__in=list(deleted)).order_by()


@transaction.atomic
def _prune_events(batch: int) -> int:
    """Published events past their retention. The order of positions stands for that of age: asked for their age, all that
    are kept would be read each time.
    """
    before = database_now() - conf().event_retention
    ids = [pk for pk, at in _oldest_events().values_list("pk", "at")[:batch] if at < before]
    return OutboxEntry.objects.filter(pk__in=ids).delete()[0]


def _oldest_events() -> models.QuerySet[OutboxEntry]:
    """All but the newest, which the next position follows."""
    newest = OutboxEntry.objects.aggregate(pos=Max("pos"))["pos"] or 0
    return OutboxEntry.objects.filter(pos__lt=newest).order_by("pos")


@transaction.atomic
def _prune_skipped(batch: int) -> int:
    """Rows of the ledger past their retention. It is written in the order of its keys, so the oldest come first."""
    before = database_now() - conf().ledger_retention
    oldest = SkippedOccurrence.objects.order_by("pk").values_list("pk", "created_at")[:batch]
    ids = [pk for pk, created_at in oldest if created_at < before]
    return SkippedOccurrence.objects.filter(pk__in=ids).delete()[0]


@transaction.atomic
def _prune_dead_letters(batch: int) -> int:
    before = database_now() - conf().event_retention
    return _delete(DeadLetter.objects.filter(at__lt=before, asked_at=None).order_by("at"), batch)


@transaction.atomic
def _prune_deleted_tasks(batch: int) -> int:
    return _delete(_deleted_tasks_without_runs(), batch)


def _deleted_tasks_without_runs() -> models.QuerySet[Task]:
    no_runs = ~Exists(Run.objects.filter(task=OuterRef("pk")))
    return Task.objects.filter(no_runs, deleted_at__isnull=False).order_by("pk")


@transaction.atomic
def _prune_destinations(batch: int) -> int:
    """Those that nobody has called for a day, whatever their breaker: the next call makes them anew."""
    yesterday = database_now() - _FORGOTTEN_AFTER
    ids = _locked(Destination.objects.filter(called_at__lt=yesterday).order_by("called_at"), batch)
    CallTally.objects.filter(destination_id__in=ids).delete()
    Destination.objects.filter(pk__in=ids).delete()
    return len(ids)


@transaction.atomic
def _prune_lines(batch: int) -> int:
    """Lines under a rate that nobody has used for a day, and that reach no further."""
    yesterday = database_now() - _FORGOTTEN_AFTER
    return _delete(RateLine.objects.filter(used_until__lt=yesterday, line_until__lt=yesterday).order_by("pk"), batch)


@transaction.atomic
def _prune_places(batch: int) -> int:
    """Places in line that nobody came back to."""
    yesterday = database_now() - _FORGOTTEN_AFTER
    return _delete(PostponedCall.objects.filter(promised_at__lt=yesterday).order_by("promised_at"), batch)


@transaction.atomic
def _prune_remembered(batch: int) -> int:
    """What stands for no further call."""
    return _delete(RememberedStep.objects.filter(kept_until__lt=database_now()).order_by("kept_until"), batch)


@transaction.atomic
def _prune_receipts(batch: int) -> int:
    """What has come in at hooks so long ago that nobody sends it again."""
    return _delete(HookReceipt.objects.filter(at__lt=database_now() - conf().event_retention).order_by("pk"), batch)


@transaction.atomic
def _prune_deliveries(batch: int) -> int:
    """Of each webhook all but the newest thousand, and those whose event is not kept any more."""
    nth = Window(RowNumber(), partition_by="webhook", order_by=F("pos").desc())
    numbered = WebhookDelivery.objects.annotate(nth=nth).filter(nth__gt=DELIVERIES_OF_A_WEBHOOK)
    ids = list(numbered.values_list("pk", flat=True)[:batch])
    old = WebhookDelivery.objects.filter(at__lt=database_now() - conf().event_retention).order_by("pk")
    ids += _locked(old, batch - len(ids)) if len(ids) < batch else []
    WebhookDelivery.objects.filter(pk__in=ids).delete()
    return len(ids)


@transaction.atomic
def _prune_answers(batch: int) -> int:
    """Of requests under keys that by now are free again."""
    return _delete(KeptAnswer.objects.filter(at__lt=database_now() - KEPT_FOR).order_by("at"), batch)


@transaction.atomic
def _prune_rounds(batch: int) -> int:
    """Of duties that no beat has any more."""
    return _delete(DutyRound.objects.filter(ended_at__lt=database_now() - conf().retention).order_by("pk"), batch)


@transaction.atomic
def _prune_spendings(batch: int) -> int:
    """What was used up in minutes and on days that are over for a day and more."""
    yesterday = database_now() - 2 * _FORGOTTEN_AFTER
    return _delete(Spending.objects.filter(begins_at__lt=yesterday).order_by("begins_at"), batch)


@transaction.atomic
def _prune_logins(batch: int) -> int:
    """Those whose time is over: a refresh token of theirs is refused by its own claims."""
    return _delete(TokenFamily.objects.filter(expires_at__lt=database_now()).order_by("expires_at"), batch)


def _prune_audit(batch: int) -> int:
    """Where a time is set for it; by the one way that the table allows, which notes it and keeps the chain whole."""
    kept_for = conf().audit_retention
    if kept_for is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT tasks_prune_audit(%s, %s)", [database_now() - kept_for, batch])
        pruned: int = cursor.fetchone()[0]
        return pruned


_KINDS: Final[dict[str, Callable[[int], int]]] = {
    "runs": _prune_runs,
    "events": _prune_events,
    "skipped": _prune_skipped,
    "dead_letters": _prune_dead_letters,
    "tasks": _prune_deleted_tasks,
    "destinations": _prune_destinations,
    "lines": _prune_lines,
    "places": _prune_places,
    "remembered": _prune_remembered,
    "receipts": _prune_receipts,
    "deliveries": _prune_deliveries,
    "answers": _prune_answers,
    "rounds": _prune_rounds,
    "spendings": _prune_spendings,
    "logins": _prune_logins,
    "audit": _prune_audit,
}


def _delete(rows: models.QuerySet[Any], batch: int) -> int:
    ids = _locked(rows, batch)
    rows.model.objects.filter(pk__in=ids).delete()
    return len(ids)


def _locked(rows: models.QuerySet[Any], batch: int) -> list[Any]:
    """The keys of the first `batch` of the rows that nobody else has locked, ours until the transaction ends."""
    return list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:batch])


def _trim() -> int:
    try:
        return stream.trim(keep=STREAM_ENTRIES, at_most=STREAM_ENTRIES_AT_MOST, wanted=positions.oldest_wanted())
    except stream.StreamUnreachable as error:
        logger.warning("The stream is not trimmed now: %s", error)
        return 0
