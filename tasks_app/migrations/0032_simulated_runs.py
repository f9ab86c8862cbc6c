"""A task may only pretend: its runs call no tool, and nobody takes them for real ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0031_budgets")]

    operations = [
        migrations.AddField(
            "Task",
            "mode",
            models.CharField(
                max_length=10,
                choices=[("live", "Live"), ("simulate", "Simulate")],
                default="live",
                db_default="live",
                help_text="simulate: its runs call no tool, and nothing counts them as successes.",
            ),
        ),
        migrations.AddConstraint(
            "Task",
            models.CheckConstraint(
                name="task_mode_known", condition=models.Q(mode__in=["live", "simulate"])
            ),
        ),
        migrations.AddField(
            "Run",
            "simulated",
            models.BooleanField(
                default=False, db_default=False, help_text="It calls no tool: what its steps come to is made up."
            ),
        ),
    ]
