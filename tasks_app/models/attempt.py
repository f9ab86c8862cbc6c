"""Attempt: one try of a run that has ended. The try under way is in the run itself."""

from django.db import models

from tasks_app.models.run import Run
from tasks_app.states import AttemptOutcome


class Attempt(models.Model):
    pk = models.CompositePrimaryKey("run_id", "number")
    # No foreign key in the database: the row is written by the statement that has just changed its run.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="attempts", db_constraint=False, db_index=False)
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=20, choices=AttemptOutcome)
    worker = models.CharField(max_length=100)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    error = models.JSONField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(name="attempt_outcome_known", condition=models.Q(outcome__in=AttemptOutcome.values)),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.outcome}"
