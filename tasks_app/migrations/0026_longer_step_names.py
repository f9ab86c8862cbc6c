"""A step inside others has a name that says where it stands: each[3].send. Wider text columns are not rewritten."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0025_announcements")]

    operations = [
        migrations.AlterField("Announcement", "after_step", models.CharField(blank=True, default="", max_length=500)),
        migrations.AlterField("EventWait", "step", models.CharField(max_length=500)),
        migrations.AlterField("Publication", "step", models.CharField(max_length=500)),
    ]
