"""The register of workers: who is there, since when, and with how many runs in hand.

Only people and programs that look after the platform read it. What a run may do hangs on its lease alone.
"""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from tasks_app.events import outbox
from tasks_app.events.types import EventType
from tasks_app.models import Worker
from tasks_app.models.clock import database_now
from tasks_app.models.worker import WorkerQuerySet
from tasks_app.states import WorkerState

KEEP_GONE: Final = timedelta(days=1)


@transaction.atomic
def register(*, name: str, host: str, pid: int, threads: int) -> Worker:
    """A process begins to work on the queue. Asked again, since it was not answered, it is registered once."""
    worker, begins = Worker.objects.get_or_create(name=name, defaults={"host": host, "pid": pid, "threads": threads})
    if begins:
        outbox.record(EventType.WORKER_STARTED, worker, name=name, host=host, pid=pid, threads=threads)
    return worker


def beat(worker: Worker, *, held: int, stopping: bool) -> None:
    """It lives. One that was taken for lost is there again; one that somebody removed from the register, too."""
    worker.held = held
    worker.state = WorkerState.STOPPING if stopping else WorkerState.RUNNING
    worker.seen_at = Now()
    # One statement, that makes the row anew if need be.
    Worker.objects.bulk_create(
        [worker], update_conflicts=True, unique_fields=["id"], update_fields=["held", "state", "seen_at"]
    )


@transaction.atomic
def sign_off(worker: Worker) -> None:
    """It ends as it should."""
    if Worker.objects.filter(pk=worker.pk).at_work().update(state=WorkerState.STOPPED, held=0, seen_at=Now()):
        outbox.record(EventType.WORKER_STOPPED, worker, name=worker.name)


def lose_silent(*, after: timedelta) -> int:
    """Take for lost whoever has been silent for so long; forget those long gone. Answers how many were lost."""
    Worker.objects.exclude(state__in=[WorkerState.RUNNING, WorkerState.STOPPING]).filter(
        seen_at__lt=database_now() - KEEP_GONE
    ).delete()
    return _lose(Worker.objects.silent(since=after))


def lose(*, name: str) -> int:
    """Take the worker of this name for lost: its process is dead."""
    return _lose(Worker.objects.at_work().filter(name=name))


@transaction.atomic
def _lose(workers: WorkerQuerySet) -> int:
    lost = list(workers.select_for_update(skip_locked=True))
    Worker.objects.filter(pk__in=[each.pk for each in lost]).update(state=WorkerState.LOST)
    for each in lost:
        outbox.record(EventType.WORKER_LOST, each, name=each.name, held=each.held)
    return len(lost)
