"""The calls that wait for one destination are found without reading those that wait for others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0021_event_waits")]

    operations = [
        migrations.AddIndex(
            "PostponedCall", models.Index(fields=["destination", "promised_at"], name="postponed_to")
        ),
    ]
