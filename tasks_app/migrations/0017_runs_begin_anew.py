"""A run that went wrong may be done again from its start: its step log says where."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0016_calls_that_must_not_be_repeated")]

    operations = [
        migrations.AddField(
            "StepLog",
            "restarts",
            models.BooleanField(
                db_default=False,
                default=False,
                help_text="The run began anew here: what was recorded before no longer counts.",
            ),
        ),
    ]
