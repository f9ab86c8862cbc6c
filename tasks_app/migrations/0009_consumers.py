"""How far each group of readers has come with the events, and what it could not handle."""

import django.db.models.functions.datetime
import tasks_app.models.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0008_lean_history'),
    ]

    operations = [
        migrations.CreateModel(
            name='ConsumerPosition',
            fields=[
                ('group', models.CharField(max_length=100, primary_key=True, serialize=False)),
                ('pos', models.BigIntegerField(db_default=0, default=0, help_text='The last event whose effects are committed.')),
                ('term', models.BigIntegerField(db_default=0, default=0, help_text='Raised whenever another process takes over.')),
                ('holder', models.CharField(blank=True, db_default='', default='', max_length=100)),
                ('lease_until', models.DateTimeField(null=True)),
                ('deliveries', models.PositiveSmallIntegerField(db_default=0, default=0, help_text='How often the event after `pos` was begun without success.')),
                ('missed', models.BigIntegerField(db_default=0, default=0, help_text='Events that were pruned before the group had read them.')),
                ('moved_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='When `pos` was last written.')),
            ],
            options={
                'ordering': ['group'],
                'constraints': [models.CheckConstraint(condition=models.Q(('group', ''), _negated=True), name='consumer_has_group'), models.CheckConstraint(condition=models.Q(('pos__gte', 0)), name='consumer_pos_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='DeadLetter',
            fields=[
                ('id', models.UUIDField(default=tasks_app.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('group', models.CharField(max_length=100)),
                ('pos', models.BigIntegerField()),
                ('event_id', models.UUIDField()),
                ('event_type', models.CharField(max_length=220)),
                ('event', models.JSONField(help_text='The event itself: the outbox may have forgotten it when it is asked for.')),
                ('error_class', models.CharField(max_length=200)),
                ('error_text', models.CharField(blank=True, max_length=2000)),
                ('deliveries', models.PositiveIntegerField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('asked_at', models.DateTimeField(help_text='Since when it waits to be delivered once more.', null=True)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('asked_at', None), _negated=True), fields=['group', 'pos'], name='dead_letter_asked_for'), models.Index(fields=['at'], name='dead_letter_age')],
                'constraints': [models.UniqueConstraint(fields=('group', 'event_id'), name='dead_letter_once_a_group')],
            },
        ),
    ]
