"""What calls use up is limited, for an agent in a minute and for a task on a day."""

import django.core.validators
from django.db import migrations, models


def _limit(kind: type[models.Field], words: str) -> models.Field:
    at_least_one = django.core.validators.MinValueValidator(1)
    return kind(blank=True, null=True, validators=[at_least_one], help_text=words)


class Migration(migrations.Migration):
    dependencies = [("tasks", "0030_child_runs_and_budgets")]

    operations = [
        migrations.AddField(
            "Agent",
            "calls_per_minute",
            _limit(models.PositiveIntegerField, "Calls with effects that its runs may make."),
        ),
        migrations.AddField(
            "Agent",
            "tokens_per_minute",
            _limit(models.PositiveBigIntegerField, "Tokens that its runs' calls may use up."),
        ),
        migrations.AddField(
            "Agent",
            "microdollars_per_minute",
            _limit(models.PositiveBigIntegerField, "Millionths of a dollar that they may cost."),
        ),
        migrations.AddField(
            "Task",
            "calls_per_day",
            _limit(models.PositiveIntegerField, "Calls with effects that its runs may make on one day (UTC)."),
        ),
        migrations.AddField(
            "Task",
            "tokens_per_day",
            _limit(models.PositiveBigIntegerField, "Tokens that its calls may use up on one day."),
        ),
        migrations.AddField(
            "Task",
            "microdollars_per_day",
            _limit(models.PositiveBigIntegerField, "Millionths of a dollar that its calls may cost on one day."),
        ),
        migrations.AddField(
            "TaskDefinition",
            "budgeted",
            models.BooleanField(db_default=False, help_text="What the calls of its runs use up is limited."),
        ),
        migrations.CreateModel(
            "Spending",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "owner", "begins_at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("owner", models.UUIDField(help_text="The agent, or the task.")),
                ("begins_at", models.DateTimeField(help_text="Of the minute or the day, in which the calls began.")),
                ("calls", models.PositiveBigIntegerField(db_default=0)),
                ("tokens", models.PositiveBigIntegerField(db_default=0)),
                ("microdollars", models.PositiveBigIntegerField(db_default=0)),
            ],
            options={
                "ordering": ["owner", "begins_at"],
                "indexes": [models.Index(fields=["begins_at"], name="spending_age")],
            },
        ),
    ]
