"""Recorded: the steps that the database already knows."""

import logging
from collections.abc import Mapping, Sequence
from uuid import UUID

from tasks_app import queue
from tasks_app.models import StepLog
from tasks_app.states import StepState

logger = logging.getLogger(__name__)


def recorded_steps(runs: Sequence[UUID]) -> dict[UUID, dict[str, queue.Step]]:
    """What earlier attempts of these runs recorded and need not do again, by run and step."""
    if not runs:
        return {}
    return {
        run: {step: result for step, (result, _, _) in steps.items() if result.state != StepState.FAILED}
        for run, steps in StepLog.objects.of_runs(runs).items()
    }


def readable_steps(runs: Sequence[UUID]) -> Mapping[UUID, dict[str, queue.Step] | None]:
    """The same; None for a run whose log cannot be read: Postgres stores JSON that Python refuses, and a log may be damaged."""
    try:
        return recorded_steps(runs)
    except (RecursionError, TypeError, ValueError) as error:
        if len(runs) == 1:
            logger.warning("What run %s has recorded cannot be read: %s", runs[0], error)
            return {runs[0]: None}
    return {run: steps for each in runs for run, steps in readable_steps([each]).items()}
