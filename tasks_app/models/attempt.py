"""Attempt: one try of a run that ended without ending the run. The last try, ended or not, is in the run itself."""

from typing import Any, Final

from django.db import models

from tasks_app.models.json_field import JSONField
from tasks_app.models.run import Run
from tasks_app.states import AttemptOutcome, RunState

_OUTCOMES: Final = {
    RunState.SUCCEEDED: AttemptOutcome.SUCCEEDED,
    RunState.FAILED: AttemptOutcome.FAILED,
    RunState.TIMED_OUT: AttemptOutcome.TIMED_OUT,
    RunState.CANCELED: AttemptOutcome.CANCELED,
    RunState.DEAD: AttemptOutcome.LOST,
}


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def of(self, run: Run) -> list["Attempt"]:
        """Every try of the run, the first one first; one that lasts has no outcome yet."""
        attempts = list(self.filter(run=run.pk).order_by("number"))
        if run.attempt and not (attempts and attempts[-1].number >= run.attempt):
            attempts.append(_last(run))
        return attempts


class Attempt(models.Model):
    pk = models.CompositePrimaryKey("run_id", "number")
    # No foreign key in the database: the row is written by the statement that has just changed its run.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="attempts", db_constraint=False, db_index=False)
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=20, choices=AttemptOutcome)
    worker = models.CharField(max_length=100)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    error = JSONField(null=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(name="attempt_outcome_known", condition=models.Q(outcome__in=AttemptOutcome.values)),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.outcome}"


def _last(run: Run) -> Attempt:
    seen: dict[str, Any] = {"number": run.attempt, "worker": run.worker, "started_at": run.claimed_at}
    if run.state != RunState.RUNNING:
        seen |= {"outcome": _OUTCOMES[RunState(run.state)], "finished_at": run.finished_at, "error": run.error}
    return Attempt(**seen)
