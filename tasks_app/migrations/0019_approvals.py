"""A run may wait for an approval or an event, at most until its `run_at`."""

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
    "decision",
]


class Migration(migrations.Migration):
    dependencies = [("tasks", "0018_queue_timeout")]

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
        migrations.AddIndex(
            "Run",
            models.Index(
                fields=["run_at"],
                name="run_unanswered",
                condition=Q(state="waiting") & Q(waiting_for__in=["approval", "decision", "event"]),
            ),
        ),
    ]
