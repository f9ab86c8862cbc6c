"""What can be asked about runs: cancel one."""

from django.db import transaction

from tasks_app import queue
from tasks_app.exceptions import IllegalMove
from tasks_app.models import Run
from tasks_app.services import audit
from tasks_app.services.actor import Actor
from tasks_app.states import RunState


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
