"""A run may wait for the end of another, and for a budget."""

from django.db import migrations, models
from django.db.models import Q

WORDS = [
    "retry",
    "sleep",
    "start",
    "turn",
    "agent_limit",
    "breaker",
    "rate_limit",
    "approval",
    "event",
    "child_run",
    "budget",
    "decision",
]
FINISHED = ["canceled", "dead", "failed", "succeeded", "timed_out"]


class Migration(migrations.Migration):
    dependencies = [("tasks", "0029_deeds")]

    operations = [
        migrations.AlterField(
            "Run",
            "waiting_for",
            models.CharField(
                blank=True, default="", max_length=20, choices=[(word, word.replace("_", " ").title()) for word in WORDS]
            ),
        ),
        migrations.RemoveConstraint("Run", "run_waiting_says_for_what"),
        migrations.AddConstraint(
            "Run",
            models.CheckConstraint(
                name="run_waiting_says_for_what",
                condition=Q(state="waiting", waiting_for__in=WORDS) | ~Q(state="waiting") & Q(waiting_for=""),
            ),
        ),
        migrations.RemoveIndex("Run", "run_wakes"),
        migrations.AddIndex(
            "Run",
            models.Index(
                fields=["run_at"],
                name="run_wakes",
                condition=Q(state="waiting")
                & Q(waiting_for__in=["breaker", "budget", "rate_limit", "retry", "sleep", "start"]),
            ),
        ),
        migrations.RemoveIndex("Run", "run_unanswered"),
        migrations.AddIndex(
            "Run",
            models.Index(
                fields=["run_at"],
                name="run_unanswered",
                condition=Q(state="waiting") & Q(waiting_for__in=["approval", "child_run", "decision", "event"]),
            ),
        ),
        migrations.AddField(
            "Run",
            "awaited_by",
            models.UUIDField(help_text="The run that waits for its end, until it has heard of it.", null=True),
        ),
        migrations.AddIndex(
            "Run",
            models.Index(fields=["awaited_by"], name="run_awaited", condition=Q(awaited_by__isnull=False)),
        ),
        migrations.AddIndex(
            "Run",
            models.Index(
                fields=["awaited_by"],
                name="run_end_awaited",
                condition=Q(awaited_by__isnull=False, state__in=FINISHED),
            ),
        ),
    ]
