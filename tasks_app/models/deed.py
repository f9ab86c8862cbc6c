"""Deed: what a step of a run has done to the platform itself. A step does it once, however often it is tried."""

from django.db import models

from tasks_app.models.json_field import JSONField
from tasks_app.models.run import Run
from tasks_app.models.step_log import LONGEST_STEP
from tasks_app.states import DeedKind


class Deed(models.Model):
    pk = models.CompositePrimaryKey("run_id", "step")
    # No foreign key in the database: it lives as long as its run, and is deleted with it.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    step = models.CharField(max_length=LONGEST_STEP)
    kind = models.CharField(max_length=10, choices=DeedKind, db_default=DeedKind.EVENT)
    answer = JSONField(null=True, help_text="What the step was answered; written in the same transaction.")

    class Meta:
        ordering = ["run_id", "step"]
        db_table = "tasks_publication"  # when it was made, events were all that a step could give

    def __str__(self) -> str:
        return f"{self.run_id} {self.step}"
