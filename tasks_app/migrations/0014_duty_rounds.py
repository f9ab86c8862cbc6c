"""When each standing duty of beat last ended a round well."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0013_waiting_raises_and_agents_have_limits")]

    operations = [
        migrations.CreateModel(
            name="DutyRound",
            fields=[
                (
                    "name",
                    models.CharField(
                        help_text="As `BEAT_DUTIES` names it.", max_length=100, primary_key=True, serialize=False
                    ),
                ),
                ("ended_at", models.DateTimeField(help_text="By the database's clock.")),
                ("beat", models.CharField(help_text="Host and process that ended it.", max_length=300)),
            ],
            options={"ordering": ["name"]},
        ),
    ]
