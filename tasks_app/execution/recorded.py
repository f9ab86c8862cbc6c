"""Recorded: the steps that the database already knows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models.functions import Now

from pipelines.records import Remembered
from tasks_app import queue
from tasks_app.models import RecordedStep, RememberedStep, StepLog
from tasks_app.models.clock import database_now
from tasks_app.states import StepState


def recorded_steps(runs: Sequence[UUID]) -> dict[UUID, dict[str, queue.Step]]:
    """What earlier attempts of these runs recorded and need not do again, or how often it failed, by run and step."""
    if not runs:
        return {}
    return {run: _kept(steps) for run, steps in StepLog.objects.of_runs(runs).items()}


def readable_steps(runs: Sequence[UUID]) -> Mapping[UUID, dict[str, queue.Step] | None]:
    """The same for each of the runs; None for one whose log cannot be read."""
    logged = StepLog.objects.readable_of_runs(runs)
    return {run: None if steps is None else _kept(steps) for run, steps in logged.items()}


def remembered_output(*, agent: UUID, tool: str, key: str) -> Remembered | None:
    """What a step of the agent has come to with this tool under this key, if that is still to be remembered."""
    found = RememberedStep.objects.filter(agent=agent, tool=tool, key=key, kept_until__gt=Now())
    output = list(found.values_list("output", flat=True))
    return Remembered(output[0]) if output else None


def _kept(steps: Mapping[str, RecordedStep]) -> dict[str, queue.Step]:
    if any(each.result.wait is not None for each in steps.values()):
        steps = _with_what_is_left(steps, database_now())
    return {step: each.result for step, each in steps.items() if _says_something(each.result)}


def _with_what_is_left(steps: Mapping[str, RecordedStep], now: datetime) -> dict[str, RecordedStep]:
    """The steps with the seconds for which each of them has still to wait."""
    left = {}
    for step, each in steps.items():
        until = each.waits_until
        wait = None if until is None else max((until - now).total_seconds(), 0.0)
        left[step] = each._replace(result=each.result._replace(wait=wait))
    return left


def _says_something(result: queue.Step) -> bool:
    """To whoever goes on with the run: what failed is done again, but its tries are counted."""
    return result.state != StepState.FAILED or result.failures > 0 or result.final
