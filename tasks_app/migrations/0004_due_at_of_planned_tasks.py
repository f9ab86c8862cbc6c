"""What was planned until now is due at the instant that it would have run at."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tasks", "0003_schedule_policies")]

    operations = [
        migrations.RunSQL(
            "UPDATE tasks_task SET due_at = next_run_at WHERE next_run_at IS NOT NULL AND due_at IS NULL",
            migrations.RunSQL.noop,
        )
    ]
