"""A run that no worker begins with in time is given up."""

import django.core.validators
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("tasks", "0017_runs_begin_anew")]

    operations = [
        migrations.AddField(
            "Task",
            "queue_timeout_seconds",
            models.PositiveIntegerField(
                blank=True,
                null=True,
                help_text="A run that no worker begins with in so many seconds is given up; empty: never.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(31_622_400),
                ],
            ),
        ),
        migrations.AddField(
            "Run",
            "claim_by",
            models.DateTimeField(
                null=True, help_text="When it is given up if no worker has begun with it; null for never."
            ),
        ),
        migrations.AddIndex(
            "Run",
            models.Index(
                fields=["claim_by"],
                name="run_unclaimed",
                condition=Q(claim_by__isnull=False, attempt=0, state__in=["queued", "waiting"]),
            ),
        ),
    ]
