"""What steps make, tasks and runs as well as events, is kept in one table; a task knows how many runs led to it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0028_tools")]

    operations = [
        # The table stays as it is: workers of the version before go on writing to it.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterModelTable("Publication", "tasks_publication"),
                migrations.RenameModel("Publication", "Deed"),
            ]
        ),
        migrations.AddField(
            "Deed",
            "kind",
            models.CharField(
                choices=[("event", "Event"), ("task", "Task"), ("run", "Run")], db_default="event", max_length=10
            ),
        ),
        migrations.AlterField(
            "Run",
            "trigger",
            models.CharField(
                choices=[
                    ("schedule", "Schedule"),
                    ("run_now", "Run Now"),
                    ("event", "Event"),
                    ("condition", "Condition"),
                    ("backfill", "Backfill"),
                    ("step", "Step"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            "Task",
            "causation",
            models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                editable=False,
                help_text="How many runs, each made by the one before, led to it.",
            ),
        ),
    ]
