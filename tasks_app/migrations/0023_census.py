"""The runs of an agent that gets a limit are counted little by little."""

from uuid import UUID

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0022_calls_that_wait_for_a_destination")]

    operations = [
        migrations.CreateModel(
            "Census",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "begun",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Whoever plans runs of the agent knows of the limit by now.",
                    ),
                ),
                (
                    "task",
                    models.UUIDField(
                        default=UUID(int=0), help_text="Up to which of the agent's tasks the runs have been counted."
                    ),
                ),
                ("run", models.UUIDField(default=UUID(int=0), help_text="Down to which run of that task.")),
                (
                    "agent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tasks.agent"
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
    ]
