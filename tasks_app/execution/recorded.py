"""Recorded: the steps that the database already knows."""

from collections.abc import Sequence
from uuid import UUID

from tasks_app import queue
from tasks_app.models import StepLog
from tasks_app.states import StepState


def recorded_steps(runs: Sequence[UUID]) -> dict[UUID, dict[str, queue.Step]]:
    """What earlier attempts of these runs recorded and need not do again, by run and step."""
    if not runs:
        return {}
    return {
        run: {step: result for step, (result, _, _) in steps.items() if result.state != StepState.FAILED}
        for run, steps in StepLog.objects.of_runs(runs).items()
    }
