"""A run may wait for a person's decision, which time alone does not end."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("tasks", "0015_troubled_runs_and_deleted_tasks")]

    operations = [
        migrations.AlterField(
            "Run",
            "waiting_for",
            models.CharField(
                blank=True,
                default="",
                max_length=20,
                choices=[
                    ("retry", "Retry"),
                    ("sleep", "Sleep"),
                    ("start", "Start"),
                    ("turn", "Turn"),
                    ("agent_limit", "Agent Limit"),
                    ("breaker", "Breaker"),
                    ("rate_limit", "Rate Limit"),
                    ("decision", "Decision"),
                ],
            ),
        ),
        migrations.RemoveConstraint("Run", "run_waiting_says_for_what"),
        migrations.AddConstraint(
            "Run",
            models.CheckConstraint(
                name="run_waiting_says_for_what",
                condition=Q(state="waiting", waiting_for__in=["retry", "sleep", "start", "turn", "agent_limit", "breaker", "rate_limit", "decision"])
                | ~Q(state="waiting") & Q(waiting_for=""),
            ),
        ),
        migrations.RemoveIndex("Run", "run_wakes"),
        migrations.AddIndex(
            "Run",
            models.Index(
                fields=["run_at"],
                name="run_wakes",
                condition=Q(state="waiting") & Q(waiting_for__in=["breaker", "rate_limit", "retry", "sleep", "start"]),
            ),
        ),
    ]
