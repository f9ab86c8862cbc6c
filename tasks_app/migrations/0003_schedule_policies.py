"""Calendars, and what a task decides about its instants."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import tasks_app.models.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0002_queue_storage'),
    ]

    operations = [
        migrations.CreateModel(
            name='Calendar',
            fields=[
                ('id', models.UUIDField(default=tasks_app.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('description', models.TextField(blank=True, default='', validators=[django.core.validators.MaxLengthValidator(2000)])),
                ('shared', models.BooleanField(default=False, help_text='Every agent may use it.')),
                ('definition', models.JSONField(help_text='Which dates: see docs/calendars.md.')),
                ('fetched', models.JSONField(default=dict, editable=False, help_text='What each ics_url last answered.')),
                ('fetched_at', models.DateTimeField(editable=False, null=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False, help_text='Raised by whatever changes its dates.')),
                ('replanned_version', models.PositiveIntegerField(default=1, editable=False)),
                ('replanned_to', models.UUIDField(editable=False, help_text='The last task planned anew so far.', null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='PlanningRules',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('version', models.CharField(max_length=100)),
                ('next_version', models.CharField(blank=True, default='', max_length=100)),
                ('replanned_to', models.UUIDField(null=True)),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='run',
            name='run_waiting_says_for_what',
        ),
        migrations.RemoveConstraint(
            model_name='skippedoccurrence',
            name='skipped_reason_known',
        ),
        migrations.RemoveConstraint(
            model_name='task',
            name='task_kind_known',
        ),
        migrations.RemoveConstraint(
            model_name='task',
            name='task_ended_plans_nothing',
        ),
        migrations.RemoveIndex(
            model_name='task',
            name='task_due_order',
        ),
        migrations.AddField(
            model_name='agent',
            name='runs_counted',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='agent',
            name='runs_counted_on',
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='agent',
            name='runs_per_day',
            field=models.PositiveIntegerField(blank=True, help_text='Runs its tasks may have on one day (UTC).', null=True, validators=[django.core.validators.MinValueValidator(1)]),
        ),
        migrations.AddField(
            model_name='run',
            name='backfill',
            field=models.UUIDField(help_text='The backfill that asked for it.', null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='concurrency_key',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddField(
            model_name='run',
            name='concurrency_limit',
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name='run',
            name='dedupe_key',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddField(
            model_name='run',
            name='lane',
            field=models.CharField(blank=True, db_default='', default='', help_text='Of one lane, one run at a time.', max_length=80),
        ),
        migrations.AddField(
            model_name='run',
            name='takes_turn',
            field=models.BooleanField(db_default=False, default=False, help_text='Waits until no other run of its lane goes on.'),
        ),
        migrations.AddField(
            model_name='skippedoccurrence',
            name='detail',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddField(
            model_name='task',
            name='calendar_policy',
            field=models.CharField(choices=[('exclude', 'Exclude'), ('next_business_day', 'Next Business Day'), ('previous_business_day', 'Previous Business Day')], default='exclude', max_length=30),
        ),
        migrations.AddField(
            model_name='task',
            name='catch_up_limit',
            field=models.PositiveIntegerField(default=100, help_text='With the misfire policy all.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000)]),
        ),
        migrations.AddField(
            model_name='task',
            name='catch_up_window_seconds',
            field=models.PositiveIntegerField(default=86400, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(31622400)]),
        ),
        migrations.AddField(
            model_name='task',
            name='concurrency_key',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='task',
            name='concurrency_limit',
            field=models.PositiveIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10000)]),
        ),
        migrations.AddField(
            model_name='task',
            name='condition_met',
            field=models.BooleanField(editable=False, help_text='What the last look found.', null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='cooldown_seconds',
            field=models.PositiveIntegerField(default=0, help_text='From one run of a condition to the next.', validators=[django.core.validators.MaxValueValidator(31622400)]),
        ),
        migrations.AddField(
            model_name='task',
            name='dedupe_key',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='task',
            name='dedupe_window_seconds',
            field=models.PositiveIntegerField(default=3600, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(31622400)]),
        ),
        migrations.AddField(
            model_name='task',
            name='dst_policy',
            field=models.CharField(blank=True, default='', help_text='Words such as "skip, both".', max_length=64),
        ),
        migrations.AddField(
            model_name='task',
            name='due_at',
            field=models.DateTimeField(editable=False, help_text='The next instant of any kind.', null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='ends_at',
            field=models.DateTimeField(blank=True, help_text='No instant after it counts.', null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='jitter_seconds',
            field=models.PositiveIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(86400)]),
        ),
        migrations.AddField(
            model_name='task',
            name='max_occurrences',
            field=models.PositiveIntegerField(blank=True, help_text='Runs that the schedule gives, at most.', null=True, validators=[django.core.validators.MinValueValidator(1)]),
        ),
        migrations.AddField(
            model_name='task',
            name='misfire_policy',
            field=models.CharField(choices=[('skip', 'Skip'), ('latest', 'Latest'), ('all', 'All')], default='latest', max_length=10),
        ),
        migrations.AddField(
            model_name='task',
            name='occurrences',
            field=models.PositiveIntegerField(default=0, editable=False, help_text='Runs that the schedule gave.'),
        ),
        migrations.AddField(
            model_name='task',
            name='overlap_policy',
            field=models.CharField(choices=[('allow', 'Allow'), ('skip', 'Skip'), ('queue_one', 'Queue One'), ('queue_all', 'Queue All'), ('cancel_running', 'Cancel Running')], default='allow', max_length=20),
        ),
        migrations.AddField(
            model_name='task',
            name='paused_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='planned_until',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, help_text='Every instant up to here has its run or its ledger row.'),
        ),
        migrations.AddField(
            model_name='task',
            name='poll_seconds',
            field=models.PositiveIntegerField(default=60, help_text='Between two looks.', validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(86400)]),
        ),
        migrations.AddField(
            model_name='task',
            name='probe',
            field=models.JSONField(blank=True, help_text='The step whose output a condition looks at.', null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='quiet_hours',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='task',
            name='starts_at',
            field=models.DateTimeField(blank=True, help_text='No instant before it counts.', null=True),
        ),
        migrations.AlterField(
            model_name='run',
            name='trigger',
            field=models.CharField(choices=[('schedule', 'Schedule'), ('run_now', 'Run Now'), ('event', 'Event'), ('condition', 'Condition'), ('backfill', 'Backfill')], max_length=20),
        ),
        migrations.AlterField(
            model_name='run',
            name='waiting_for',
            field=models.CharField(blank=True, choices=[('retry', 'Retry'), ('sleep', 'Sleep'), ('start', 'Start'), ('turn', 'Turn')], default='', max_length=20),
        ),
        migrations.AlterField(
            model_name='skippedoccurrence',
            name='reason',
            field=models.CharField(choices=[('coalesced', 'Coalesced'), ('overlap', 'Overlap'), ('blackout', 'Blackout'), ('holiday', 'Holiday'), ('dst_gap', 'Dst Gap'), ('paused', 'Paused'), ('misfired', 'Misfired'), ('deduplicated', 'Deduplicated'), ('budget', 'Budget'), ('cooldown', 'Cooldown')], max_length=20),
        ),
        migrations.AlterField(
            model_name='task',
            name='next_run_at',
            field=models.DateTimeField(editable=False, help_text='The next instant that makes a run.', null=True),
        ),
        migrations.AlterField(
            model_name='task',
            name='schedule_kind',
            field=models.CharField(choices=[('rrule', 'Rrule'), ('cron', 'Cron'), ('interval', 'Interval'), ('once', 'Once'), ('event', 'Event'), ('condition', 'Condition'), ('manual', 'Manual')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(models.Q(('lane', ''), _negated=True), ('state__in', ['queued', 'running', 'waiting'])), fields=['lane'], name='run_lanes'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(models.Q(('concurrency_key', ''), _negated=True), ('state__in', ['queued', 'running', 'waiting'])), fields=['agent', 'concurrency_key'], name='run_concurrency'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('dedupe_key', ''), _negated=True), fields=['agent', 'dedupe_key', 'created_at'], name='run_dedupe'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'waiting'), ('waiting_for__in', ['retry', 'sleep', 'start', 'turn'])), models.Q(models.Q(('state', 'waiting'), _negated=True), ('waiting_for', '')), _connector='OR'), name='run_waiting_says_for_what'),
        ),
        migrations.AddConstraint(
            model_name='skippedoccurrence',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['coalesced', 'overlap', 'blackout', 'holiday', 'dst_gap', 'paused', 'misfired', 'deduplicated', 'budget', 'cooldown'])), name='skipped_reason_known'),
        ),
        migrations.AddField(
            model_name='calendar',
            name='created_by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='calendars', to='tasks.agent'),
        ),
        migrations.AddField(
            model_name='task',
            name='calendar',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='tasks.calendar'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at', 'id'], name='task_due_order'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('schedule_kind__in', ['rrule', 'cron', 'interval', 'once', 'event', 'condition', 'manual'])), name='task_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('calendar_policy__in', ['exclude', 'next_business_day', 'previous_business_day']), ('misfire_policy__in', ['skip', 'latest', 'all']), ('overlap_policy__in', ['allow', 'skip', 'queue_one', 'queue_all', 'cancel_running'])), name='task_policies_known'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('due_at', None), ('next_run_at', None)), models.Q(('deleted_at', None), ('status__in', ['active', 'paused'])), _connector='OR'), name='task_ended_plans_nothing'),
        ),
        migrations.AddConstraint(
            model_name='planningrules',
            constraint=models.CheckConstraint(condition=models.Q(('id', 1)), name='planning_rules_one_row'),
        ),
        migrations.AddConstraint(
            model_name='calendar',
            constraint=models.UniqueConstraint(fields=('created_by', 'name'), name='calendar_one_a_name'),
        ),
        migrations.AddConstraint(
            model_name='calendar',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='calendar_has_name'),
        ),
    ]
