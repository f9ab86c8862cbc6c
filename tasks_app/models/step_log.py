"""StepLog: what a run's steps came to, in the order in which it was recorded. A recorded step is never done again.

One row holds what one write recorded: an effect's result with those of the pure steps before it, or all that was left
at the run's end.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import models

from tasks_app.models.kept_json import KeptJSONField
from tasks_app.models.run import Run
from tasks_app.states import StepState

_FINAL: Final = frozenset({StepState.SUCCEEDED, StepState.SKIPPED})
LONGEST_STEP: Final = 500  # characters: names, and where they stand in the steps around them, such as each[3].send
_UNREMARKABLE: Final = 8  # fields of a step at its first try
_NOT_WAITING: Final = 10  # of one that does not wait beside others

logger = logging.getLogger(__name__)


class Step(NamedTuple):
    """What one step came to. `input`, `output` and `error` are JSON values. The order of the fields is what is stored.

    `failures`: how many tries have failed, of a step that has retries of its own. `mark`: how the run goes on over a step that failed, empty where it does not.
    `wait`: how many seconds after it was recorded its wait is over, where its run may go on sooner; None where it does not.
    """

    step: str
    state: str
    tool: str
    input: Any
    output: Any
    error: Mapping[str, Any] | None
    duration_ms: int
    idempotency_key: str
    failures: int = 0
    mark: str = ""
    wait: float | None = None

    @property
    def final(self) -> bool:
        """Whether this is what the step came to, whatever is recorded of it later."""
        return self.state in _FINAL or bool(self.mark)

    def stored(self) -> Sequence[Any]:
        """As it is written down, a plain tuple: most steps need not say that no try has failed, nor that they do not wait."""
        if self.wait is not None:
            return tuple(self)
        return self[:_NOT_WAITING] if self.failures or self.mark else self[:_UNREMARKABLE]


class RecordedStep(NamedTuple):
    """A step as the log has it last, and which attempt recorded it when."""

    result: Step
    attempt: int
    recorded_at: datetime

    @property
    def waits_until(self) -> datetime | None:
        """When its wait is over, where its run may go on sooner."""
        return None if self.result.wait is None else self.recorded_at + timedelta(seconds=self.result.wait)


class StepLogQuerySet(models.QuerySet["StepLog"]):
    def of_runs(self, runs: Collection[UUID]) -> dict[UUID, dict[str, RecordedStep]]:
        """The steps of these runs by their ids, in the order in which each was first recorded."""
        found: dict[UUID, dict[str, RecordedStep]] = defaultdict(dict)
        for row in self.filter(run_id__in=runs).order_by("run_id", "seq"):
            steps = found[row.run_id]
            if row.restarts:
                steps.clear()
            for recorded in row.steps:
                result = Step(*recorded)
                earlier = steps.get(result.step)
                if earlier is None or not earlier.result.final:
                    steps[result.step] = RecordedStep(result, row.attempt, row.recorded_at)
        return found

    def readable_of_runs(self, runs: Sequence[UUID]) -> dict[UUID, dict[str, RecordedStep] | None]:
        """The same for each of the runs; None for one whose log cannot be read.

        Postgres stores JSON that Python refuses, and a log may be damaged: that hurts its own run, not those read with it.
        """
        try:
            found = self.of_runs(runs)
        except (RecursionError, TypeError, ValueError) as error:
            if len(runs) == 1:
                logger.warning("What run %s has recorded cannot be read: %s", runs[0], error)
                return {runs[0]: None}
            half = len(runs) // 2
            return self.readable_of_runs(runs[:half]) | self.readable_of_runs(runs[half:])
        return {run: found[run] for run in runs}

    def of_run(self, run: UUID) -> list[RecordedStep]:
        """The steps of one run, in the order in which each was first recorded."""
        return list(self.of_runs([run])[run].values())


class StepLog(models.Model):
    pk = models.CompositePrimaryKey("run_id", "seq")
    # No foreign key in the database: the row is written by the statement that has just changed its run.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    seq = models.PositiveIntegerField(help_text="The number of the run's first event of that write.")
    attempt = models.PositiveIntegerField()
    recorded_at = models.DateTimeField()
    steps = KeptJSONField(help_text="A list of steps, each the list of its fields.")

    restarts = models.BooleanField(
        default=False, db_default=False, help_text="The run began anew here: what was recorded before no longer counts."
    )

    objects = StepLogQuerySet.as_manager()

    class Meta:
        ordering = ["run_id", "seq"]

    def __str__(self) -> str:
        return ", ".join(f"{Step(*recorded).step}: {Step(*recorded).state}" for recorded in self.steps)
