"""Events are told to those that wait for them after they were published."""

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now

from tasks_app.models.kept_json import KeptJSONField


class Migration(migrations.Migration):
    dependencies = [("tasks", "0024_cheaper_rows")]

    operations = [
        migrations.CreateModel(
            "Announcement",
            [
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("agent", models.UUIDField(help_text="Whose runs may wait for it.")),
                ("event", KeptJSONField()),
                (
                    "announced_at",
                    models.DateTimeField(db_default=Now(), help_text="What begins to wait later does not hear it."),
                ),
                (
                    "patterns",
                    models.JSONField(
                        help_text="Those that it is still to be told to; the first one's waits are being told."
                    ),
                ),
                (
                    "after_run",
                    models.UUIDField(
                        help_text="Of the first pattern's waits, those up to this one were told.", null=True
                    ),
                ),
                ("after_step", models.CharField(blank=True, default="", max_length=64)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["agent", "id"], name="announced_in_order")],
            },
        ),
        migrations.RemoveIndex("EventWait", "wait_hears"),
        migrations.AddIndex(
            "EventWait",
            models.Index(
                fields=["pattern", "agent", "run", "step"], name="wait_hears", condition=Q(event__isnull=True)
            ),
        ),
    ]
