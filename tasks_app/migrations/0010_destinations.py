"""Destinations: their breakers and windows, the lines under a rate, and the runs that wait for either."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import tasks_app.models.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0009_consumers'),
    ]

    operations = [
        migrations.CreateModel(
            name='Destination',
            fields=[
                ('id', models.UUIDField(default=tasks_app.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=300, unique=True)),
                ('state', models.CharField(choices=[('closed', 'Closed'), ('open', 'Open'), ('recovering', 'Recovering')], db_default='closed', default='closed', max_length=20)),
                ('streak', models.PositiveIntegerField(db_default=0, default=0, help_text='Failures since the last call that succeeded.')),
                ('failing_since', models.DateTimeField(help_text='When the first of the streak was told.', null=True)),
                ('opened_at', models.DateTimeField(null=True)),
                ('openings', models.PositiveIntegerField(db_default=0, default=0, help_text='One after another: each doubles the cool-down.')),
                ('recovering_since', models.DateTimeField(null=True)),
                ('next_trial_at', models.DateTimeField(null=True)),
                ('trial', models.BigIntegerField(db_default=0, default=0, help_text='Counts the trials: only the newest one decides.')),
                ('trial_until', models.DateTimeField(help_text='When the trial under way is given up for lost.', null=True)),
                ('return_rate', models.FloatField(db_default=1.0, default=1.0, help_text='Calls per second at most until all that waited have been let through.')),
                ('answered_at', models.DateTimeField(help_text='When a call last succeeded.', null=True)),
                ('called_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='CallTally',
            fields=[
                ('pk', models.CompositePrimaryKey('destination_id', 'slot', blank=True, editable=False, primary_key=True, serialize=False)),
                ('destination', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tallies', to='tasks.destination')),
                ('slot', models.PositiveSmallIntegerField()),
                ('number', models.BigIntegerField(help_text='Of the ten seconds, counted from the epoch.')),
                ('calls', models.PositiveIntegerField(default=0)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('retries', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='PostponedCall',
            fields=[
                ('run_id', models.UUIDField(primary_key=True, serialize=False)),
                ('agent_id', models.UUIDField()),
                ('destination', models.CharField(max_length=300)),
                ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('promised_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='RateLine',
            fields=[
                ('name', models.CharField(max_length=320, primary_key=True, serialize=False)),
                ('used_until', models.DateTimeField(help_text="The next call may begin then: the cell rate algorithm's arrival time.")),
                ('line_until', models.DateTimeField(help_text='Whoever gets in line now is called then.')),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='run',
            name='run_waiting_says_for_what',
        ),
        migrations.AlterField(
            model_name='run',
            name='waiting_for',
            field=models.CharField(blank=True, choices=[('retry', 'Retry'), ('sleep', 'Sleep'), ('start', 'Start'), ('turn', 'Turn'), ('breaker', 'Breaker'), ('rate_limit', 'Rate Limit')], default='', max_length=20),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'waiting'), ('waiting_for__in', ['retry', 'sleep', 'start', 'turn', 'breaker', 'rate_limit'])), models.Q(models.Q(('state', 'waiting'), _negated=True), ('waiting_for', '')), _connector='OR'), name='run_waiting_says_for_what'),
        ),
        migrations.AddIndex(
            model_name='destination',
            index=models.Index(condition=models.Q(('state', 'closed'), _negated=True), fields=['name'], name='destination_troubled'),
        ),
        migrations.AddIndex(
            model_name='destination',
            index=models.Index(fields=['called_at'], name='destination_age'),
        ),
        migrations.AddConstraint(
            model_name='destination',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['closed', 'open', 'recovering'])), name='destination_state_known'),
        ),
        migrations.AddConstraint(
            model_name='destination',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('next_trial_at__isnull', False), ('opened_at__isnull', False), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('next_trial_at', None), ('trial_until', None)), _connector='OR'), name='destination_open_has_times'),
        ),
        migrations.AddConstraint(
            model_name='destination',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('recovering_since__isnull', False), ('state', 'recovering')), models.Q(models.Q(('state', 'recovering'), _negated=True), ('recovering_since', None)), _connector='OR'), name='destination_recovers_since'),
        ),
        migrations.AddConstraint(
            model_name='destination',
            constraint=models.CheckConstraint(condition=models.Q(('return_rate__gt', 0)), name='destination_returns'),
        ),
        migrations.AddIndex(
            model_name='postponedcall',
            index=models.Index(fields=['promised_at'], name='postponed_age'),
        ),
        migrations.AddIndex(
            model_name='postponedcall',
            index=models.Index(fields=['agent_id'], name='postponed_of_agent'),
        ),
        migrations.AddConstraint(
            model_name='calltally',
            constraint=models.CheckConstraint(condition=models.Q(('slot', django.db.models.expressions.CombinedExpression(models.F('number'), '%%', models.Value(6)))), name='tally_in_its_slot'),
        ),
    ]
