"""Two indexes for the orders of lists, in the place of two that told nothing: each is written by every tick of every task."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("tasks", "0038_two_secrets_of_webhooks"),
    ]

    operations = [
        # One that was given up half-way leaves an index that serves nobody, and that a second try would stumble over.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS task_next_of_agent", migrations.RunSQL.noop),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS task_changed_of_agent", migrations.RunSQL.noop),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS task_of_calendar", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "task",
            models.Index(
                fields=["created_by", "next_run_at", "id"],
                name="task_next_of_agent",
                condition=models.Q(deleted_at=None),
            ),
        ),
        AddIndexConcurrently(
            "task",
            models.Index(
                fields=["created_by", "updated_at", "id"],
                name="task_changed_of_agent",
                condition=models.Q(deleted_at=None),
            ),
        ),
        AddIndexConcurrently(
            "task",
            models.Index(
                fields=["calendar"],
                name="task_of_calendar",
                condition=models.Q(calendar__isnull=False),
            ),
        ),
        # Django would drop each foreign key and make it anew, one statement after the other: one that fails in between would leave
        # none, and nobody would notice.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS tasks_task_calendar_id_1f108eae",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS tasks_task_calendar_id_1f108eae ON tasks_task (calendar_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS tasks_task_created_by_id_1345568a",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS tasks_task_created_by_id_1345568a ON tasks_task (created_by_id)",
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    "task",
                    "calendar",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="tasks.calendar",
                    ),
                ),
                migrations.AlterField(
                    "task",
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="tasks.agent",
                    ),
                ),
            ],
        ),
    ]
