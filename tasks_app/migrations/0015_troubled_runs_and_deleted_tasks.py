"""Runs that ended badly, and deleted tasks, are found without reading the others."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tasks", "0014_duty_rounds")]

    operations = [
        # One that was given up half-way leaves an index that serves nobody, and that a second try would stumble over.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS run_troubled", migrations.RunSQL.noop),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS task_deleted", migrations.RunSQL.noop),
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
