"""Runs that ended badly, and deleted tasks, are found without reading the others."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tasks", "0014_duty_rounds")]

    operations = [
        AddIndexConcurrently(
            "Run",
            models.Index(
                fields=["state", "finished_at"],
                name="run_troubled",
                condition=models.Q(state__in=["dead", "failed", "timed_out"]),
            ),
        ),
        AddIndexConcurrently(
            "Task",
            models.Index(fields=["id"], name="task_deleted", condition=models.Q(deleted_at__isnull=False)),
        ),
    ]
