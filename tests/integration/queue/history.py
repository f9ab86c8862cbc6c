"""What a run leaves behind: its events, its attempts and its steps, read in one place."""

from collections.abc import Collection
from uuid import UUID

from tasks_app.models import Attempt, OutboxEvent, StepResult


def events(runs: Collection[UUID]) -> dict[UUID, list[tuple[int, str]]]:
    """For each run the number within it and the type of every event, in the order of the numbers."""
    found: dict[UUID, list[tuple[int, str]]] = {run: [] for run in runs}
    rows = OutboxEvent.objects.filter(aggregate_kind="run", aggregate_id__in=runs).order_by("seq")
    for run, seq, kind in rows.values_list("aggregate_id", "seq", "type"):
        found[run].append((seq, kind))
    return found


def attempts(runs: Collection[UUID]) -> dict[UUID, list[tuple[int, str]]]:
    """For each run the number and the outcome of every attempt that has ended."""
    found: dict[UUID, list[tuple[int, str]]] = {run: [] for run in runs}
    rows = Attempt.objects.filter(run_id__in=runs).order_by("number")
    for run, number, outcome in rows.values_list("run_id", "number", "outcome"):
        found[run].append((number, outcome))
    return found


def steps(runs: Collection[UUID]) -> dict[UUID, dict[str, tuple[str, int]]]:
    """For each run, by the steps' names, the state recorded and the attempt that recorded it."""
    found: dict[UUID, dict[str, tuple[str, int]]] = {run: {} for run in runs}
    rows = StepResult.objects.filter(run_id__in=runs)
    for run, step, state, attempt in rows.values_list("run_id", "step", "state", "attempt"):
        found[run][step] = (state, attempt)
    return found
