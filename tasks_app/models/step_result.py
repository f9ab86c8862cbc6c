"""StepResult: what one step of a run came to. A recorded step is never done again."""

from django.db import models

from tasks_app.models.run import Run
from tasks_app.states import StepState


class StepResult(models.Model):
    pk = models.CompositePrimaryKey("run_id", "step")
    # No foreign key in the database: the row is written by the statement that has just changed its run.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps", db_constraint=False, db_index=False)
    step = models.CharField(max_length=200)
    position = models.PositiveIntegerField(help_text="Its place among the run's records, from 1.")
    attempt = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=StepState)
    tool = models.CharField(max_length=200)
    input = models.JSONField(null=True)
    output = models.JSONField(null=True)
    error = models.JSONField(null=True)
    duration_ms = models.PositiveIntegerField()
    idempotency_key = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(name="step_state_known", condition=models.Q(state__in=StepState.values)),
            models.CheckConstraint(
                name="step_failed_has_error",
                condition=models.Q(state=StepState.FAILED, error__isnull=False)
                | ~models.Q(state=StepState.FAILED) & models.Q(error=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.state}"
