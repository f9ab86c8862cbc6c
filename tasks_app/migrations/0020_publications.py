"""A step publishes its event once, however often it is tried."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0019_approvals")]

    operations = [
        migrations.CreateModel(
            "Publication",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "run_id", "step", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("step", models.CharField(max_length=64)),
                (
                    "answer",
                    models.JSONField(
                        help_text="What the step was answered; written in the same transaction.", null=True
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tasks.run",
                    ),
                ),
            ],
            options={"ordering": ["run_id", "step"]},
        ),
    ]
