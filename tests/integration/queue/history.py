"""What a run leaves behind: its events, its attempts and its steps, read in one place."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from tasks_app.models import Attempt, OutboxEntry, Run, StepLog


def events(runs: Collection[UUID]) -> dict[UUID, list[tuple[int, str]]]:
    """For each run the number within it and the type of every event, in the order of the numbers."""
    found: dict[UUID, list[tuple[int, str]]] = {run: [] for run in runs}
    for event in OutboxEntry.objects.filter(aggregate_kind="run", aggregate_id__in=runs).order_by("seq").events():
        found[UUID(event.aggregate.removeprefix("run:"))].append((event.seq, event.type))
    return found


def attempts(runs: Collection[UUID]) -> dict[UUID, list[tuple[int, str]]]:
    """For each run the number and the outcome of every attempt that has ended."""
    rows = Run.objects.filter(pk__in=runs)
    return {run.pk: [(each.number, each.outcome) for each in Attempt.objects.of(run) if each.outcome] for run in rows}


def steps(runs: Collection[UUID]) -> dict[UUID, dict[str, tuple[str, Any, int]]]:
    """For each run, by the steps' names, the state and the output recorded and the attempt that recorded them."""
    logged = StepLog.objects.of_runs(runs)
    return {
        run: {step: (result.state, result.output, attempt) for step, (result, attempt, _) in logged[run].items()}
        for run in runs
    }
