"""A register of workers."""

import django.db.models.functions.datetime
import tasks_app.models.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0011_begun_fence'),
    ]

    operations = [
        migrations.CreateModel(
            name='Worker',
            fields=[
                ('id', models.UUIDField(default=tasks_app.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(help_text='As runs name it: host, process and a random part.', max_length=100, unique=True)),
                ('host', models.CharField(max_length=255)),
                ('pid', models.PositiveIntegerField()),
                ('threads', models.PositiveIntegerField(help_text='Runs that it may have under way.')),
                ('held', models.PositiveIntegerField(db_default=0, default=0, help_text='Runs in its hands.')),
                ('state', models.CharField(choices=[('running', 'Running'), ('stopping', 'Stopping'), ('stopped', 'Stopped'), ('lost', 'Lost')], default='running', max_length=20)),
                ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text="Its last heartbeat, by the database's clock.")),
                ('event_seq', models.PositiveIntegerField(db_default=0, default=0)),
            ],
            options={
                'ordering': ['host', 'pid'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['running', 'stopping', 'stopped', 'lost'])), name='worker_state_known')],
            },
        ),
    ]
