"""What can be asked about runs: cancel one, give one or many another chance."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db import transaction

from tasks_app import queue, release
from tasks_app.exceptions import IllegalMove
from tasks_app.models import Run, Task
from tasks_app.services import audit
from tasks_app.services.actor import Actor
from tasks_app.states import REDRIVABLE, RunState, TaskStatus


@transaction.atomic
def cancel(run: Run, *, actor: Actor) -> Run:
    """End a run that has not finished; a worker that holds it is told by its heartbeat. Canceling twice changes nothing.

    Raises `IllegalMove` when it has finished otherwise.
    """
    canceled = queue.cancel([run.pk], reason=f"Canceled by {actor.label}.")
    run.refresh_from_db()
    if canceled:
        audit.note("run.canceled", run, actor=actor)
    elif run.state != RunState.CANCELED:
        raise IllegalMove(f"The run has {run.state} already and cannot be canceled.")
    return run


START_POINTS: Final = ("failed_step", "start")


@transaction.atomic
def retry(run: Run, *, actor: Actor, start_at: str = "failed_step") -> Run:
    """Do a run again that failed, timed out or is dead: from the step that failed, or from the `start`.

    Either way under the same idempotency keys. Raises `IllegalMove` for any other run, and when its task is canceled or deleted.
    """
    alive = _lock_tasks([run.pk])
    run.refresh_from_db()
    if run.state not in REDRIVABLE:
        raise IllegalMove(f"The run is {run.state}: only one that failed, timed out or is dead can be retried.")
    if not alive:
        raise IllegalMove("The task is canceled or deleted, which is final: its runs cannot be retried.")
    if not release.redrive([run.pk], from_start=start_at == "start", trigger="retried", reason=f"by {actor.label}"):
        raise IllegalMove("Somebody else retries the run already.")
    audit.note("run.retried", run, actor=actor, start_at=start_at)
    run.refresh_from_db()
    return run


@transaction.atomic
def redrive(runs: Sequence[UUID], *, actor: Actor, reason: str, from_start: bool = False) -> list[UUID]:
    """Give another chance to those of the runs that failed, timed out or are dead, and whose task still is; answers which.

    One transaction: hand over a thousand or so at a time.
    """
    alive = _lock_tasks(runs)
    redriven = release.redrive(alive, from_start=from_start, trigger="redriven", reason=reason)
    for run in Run.objects.filter(pk__in=redriven).order_by("pk"):
        audit.note("run.redriven", run, actor=actor, reason=reason, from_start=from_start)
    return redriven


def _lock_tasks(runs: Sequence[UUID]) -> list[UUID]:
    """Keep the runs' tasks as they are; answers the runs whose task is neither canceled nor deleted."""
    tasks = Task.objects.filter(pk__in=Run.objects.filter(pk__in=runs).values("task")).order_by("pk")
    list(tasks.select_for_update(of=("self",)).values_list("pk"))
    present = Run.objects.filter(pk__in=runs, task__deleted_at=None).exclude(task__status=TaskStatus.CANCELED)
    return list(present.order_by("pk").values_list("pk", flat=True))
