"""Runs wait for events."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("tasks", "0020_publications")]

    operations = [
        migrations.CreateModel(
            "EventWait",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "run_id", "step", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("step", models.CharField(max_length=64)),
                ("agent", models.UUIDField(help_text="Whose run it is.")),
                ("pattern", models.CharField(max_length=202)),
                (
                    "match",
                    models.TextField(blank=True, default="", help_text="What has to hold of the event's payload."),
                ),
                ("registered_at", models.DateTimeField(db_default=Now())),
                ("event", models.JSONField(null=True)),
                (
                    "taken",
                    models.BooleanField(
                        db_default=False, default=False, help_text="The run goes on with it, or has ended."
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
            options={
                "ordering": ["run_id", "step"],
                "indexes": [
                    models.Index(fields=["pattern", "agent"], name="wait_hears", condition=Q(event__isnull=True)),
                    models.Index(
                        fields=["run", "step"],
                        name="wait_told",
                        condition=Q(event__isnull=False) & Q(taken=False),
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        name="wait_taken_has_event", condition=Q(taken=False) | Q(event__isnull=False)
                    ),
                ],
            },
        ),
    ]
