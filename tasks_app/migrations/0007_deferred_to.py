"""One window of quiet hours gives one run."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0006_events_and_conditions'),
    ]

    operations = [
        migrations.AddField(
            model_name='task',
            name='deferred_to',
            field=models.DateTimeField(editable=False, help_text='The end of the quiet hours that a run was deferred to last.', null=True),
        ),
    ]
