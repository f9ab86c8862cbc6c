"""Recorded: the steps that the database already knows."""

from collections.abc import Sequence
from uuid import UUID

from tasks_app import queue
from tasks_app.execution.inbox import Kind, Wanted
from tasks_app.models import StepResult
from tasks_app.states import StepState


def leave_out_recorded(wanted: Sequence[Wanted]) -> None:
    """The last commit may have succeeded before the connection was lost: what it recorded is not said again."""
    checkpoints = [each for each in wanted if each.kind is Kind.CHECKPOINT and each.move]
    runs = [each.run.claimed.id for each in checkpoints]
    recorded = set(StepResult.objects.filter(run_id__in=runs).values_list("run_id", "step", "attempt", "state"))
    for each in checkpoints:
        assert each.move is not None
        run = each.run.claimed
        steps = [step for step in each.move.steps if (run.id, step.step, run.attempt, step.state) not in recorded]
        each.move = queue.checkpoint(run.lease, steps=steps)


def recorded_steps(runs: Sequence[UUID]) -> dict[UUID, dict[str, queue.Step]]:
    """What earlier attempts of these runs recorded, by run and step."""
    recorded: dict[UUID, dict[str, queue.Step]] = {}
    for row in StepResult.objects.filter(run_id__in=runs).exclude(state=StepState.FAILED).order_by("position"):
        recorded.setdefault(row.run_id, {})[row.step] = queue.Step(
            step=row.step,
            position=row.position,
            state=row.state,
            tool=row.tool,
            input=row.input,
            output=row.output,
            error=None,
            duration_ms=row.duration_ms,
            idempotency_key=row.idempotency_key,
        )
    return recorded
