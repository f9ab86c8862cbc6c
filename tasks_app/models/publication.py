"""Publication: the event that a step of a run has published. A step publishes once, however often it is tried."""

from django.db import models

from tasks_app.models.run import Run
from tasks_app.models.step_log import LONGEST_STEP


class Publication(models.Model):
    pk = models.CompositePrimaryKey("run_id", "step")
    # No foreign key in the database: it lives as long as its run, and is deleted with it.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    step = models.CharField(max_length=LONGEST_STEP)
    answer = models.JSONField(null=True, help_text="What the step was answered; written in the same transaction.")

    class Meta:
        ordering = ["run_id", "step"]

    def __str__(self) -> str:
        return f"{self.run_id} {self.step}"
