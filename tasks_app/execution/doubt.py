"""Doubt: what a commit came to whose answer was lost. The database knows; this process asks before it goes on."""

from collections.abc import Collection, Sequence
from uuid import UUID

from tasks_app import queue
from tasks_app.execution.inbox import Kind, Wanted
from tasks_app.models import Run, StepLog
from tasks_app.models.run import Lease
from tasks_app.states import RunState


class Doubt:
    def __init__(self, *, worker: str) -> None:
        self._worker = worker
        self.of_claim = False
        self._of_moves = False

    def arise(self) -> None:
        """The connection was lost: the last commit may have succeeded."""
        self._of_moves = self.of_claim = True

    def settle_moves(self, wanted: Sequence[Wanted]) -> None:
        if self._of_moves:
            _leave_out_recorded(wanted)
            self._of_moves = False

    def settle_claim(self, known: Collection[UUID]) -> bool:
        """Whether runs were handed back that this worker holds and does not know of."""
        handed_back = _hand_back_unknown(worker=self._worker, known=known)
        self.of_claim = False
        return bool(handed_back)


def _leave_out_recorded(wanted: Sequence[Wanted]) -> None:
    """The last commit may have succeeded before the connection was lost: what it recorded is not said again."""
    checkpoints = [each for each in wanted if each.kind is Kind.CHECKPOINT and each.move]
    runs = [each.run.claimed.id for each in checkpoints]
    recorded = {
        (run, step, attempt, result.state, result.failures)
        for run, steps in StepLog.objects.of_runs(runs).items()
        for step, (result, attempt, _) in steps.items()
    }
    for each in checkpoints:
        assert each.move is not None
        run = each.run.claimed
        steps = [
            step
            for step in each.move.steps
            if (run.id, step.step, run.attempt, step.state, step.failures) not in recorded
        ]
        each.move = queue.checkpoint(run.lease, steps=steps)


def _hand_back_unknown(*, worker: str, known: Collection[UUID]) -> int:
    """The last claim may have succeeded, too: runs that `worker` holds without knowing of them go to whoever is free."""
    unknown = Run.objects.filter(state=RunState.RUNNING, worker=worker).exclude(pk__in=known)
    leases = [Lease(pk, fence) for pk, fence in unknown.values_list("pk", "fence")]
    return len(queue.move([queue.release(lease) for lease in leases])) if leases else 0
