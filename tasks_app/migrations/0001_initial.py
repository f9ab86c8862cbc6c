"""The first tables: agents, tasks, runs and what became of them, events, the audit."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import tasks_app.models.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Agent',
            fields=[
                ('id', models.UUIDField(default=tasks_app.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100, unique=True)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), default=list, size=None)),
                ('secret_hash', models.CharField(editable=False, max_length=200)),
                ('active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('event_seq', models.PositiveIntegerField(default=0, editable=False)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='agent_has_name'), models.CheckConstraint(condition=models.Q(('secret_hash', ''), _negated=True), name='agent_has_secret')],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor', models.CharField(help_text='agent:<id>, user:<name> or system.', max_length=160)),
                ('action', models.CharField(max_length=60)),
                ('object_kind', models.CharField(max_length=20)),
                ('object_id', models.UUIDField()),
                ('request_id', models.CharField(blank=True, default='', max_length=64)),
                ('details', models.JSONField(default=dict)),
            ],
            options={
                'verbose_name_plural': 'audit entries',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['object_id', '-id'], name='audit_of_object')],
            },
        ),
        migrations.CreateModel(
            name='OutboxEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pos', models.BigIntegerField(null=True)),
                ('type', models.CharField(max_length=60)),
                ('aggregate_kind', models.CharField(max_length=10)),
                ('aggregate_id', models.UUIDField()),
                ('seq', models.PositiveIntegerField(help_text='Dense within the aggregate, from 1.')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('agent', models.UUIDField(null=True)),
                ('request_id', models.CharField(blank=True, db_default='', default='', max_length=64)),
                ('causation', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('data', models.JSONField(default=dict)),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(condition=models.Q(('pos', None)), fields=['id'], name='event_unnumbered')],
                'constraints': [models.UniqueConstraint(fields=('aggregate_id', 'seq'), name='event_order_in_aggregate'), models.UniqueConstraint(condition=models.Q(('pos', None), _negated=True), fields=('pos',), name='event_one_a_position')],
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.UUIDField(default=tasks_app.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=200)),
                ('description', models.TextField(blank=True, default='', validators=[django.core.validators.MaxLengthValidator(2000)])),
                ('schedule_kind', models.CharField(choices=[('rrule', 'Rrule'), ('cron', 'Cron'), ('interval', 'Interval'), ('once', 'Once'), ('manual', 'Manual')], max_length=20)),
                ('schedule_expr', models.CharField(blank=True, default='', max_length=1000)),
                ('timezone', models.CharField(max_length=64)),
                ('dtstart', models.CharField(help_text='Anchor of the schedule: ISO 8601, local to the zone.', max_length=32)),
                ('payload', models.JSONField()),
                ('status', models.CharField(choices=[('active', 'Active'), ('paused', 'Paused'), ('completed', 'Completed'), ('canceled', 'Canceled')], default='active', max_length=20)),
                ('priority', models.PositiveSmallIntegerField(default=5, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(9)])),
                ('max_retries', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MaxValueValidator(10)])),
                ('backoff_strategy', models.CharField(choices=[('exponential_jitter', 'Exponential Jitter'), ('linear', 'Linear'), ('fixed', 'Fixed')], default='exponential_jitter', max_length=20)),
                ('retry_delay_seconds', models.PositiveIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(86400)])),
                ('timeout_seconds', models.PositiveIntegerField(default=300, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(86400)])),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('next_run_at', models.DateTimeField(editable=False, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('deleted_at', models.DateTimeField(editable=False, null=True)),
                ('event_seq', models.PositiveIntegerField(default=0, editable=False)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='tasks.agent')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='SkippedOccurrence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scheduled_for', models.DateTimeField()),
                ('reason', models.CharField(choices=[('coalesced', 'Coalesced'), ('misfired', 'Misfired'), ('paused', 'Paused')], max_length=20)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('task', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='skipped_occurrences', to='tasks.task')),
            ],
            options={
                'ordering': ['-scheduled_for'],
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.UUIDField(default=tasks_app.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('task_version', models.PositiveIntegerField()),
                ('trigger', models.CharField(choices=[('schedule', 'Schedule'), ('run_now', 'Run Now')], max_length=20)),
                ('scheduled_for', models.DateTimeField(help_text='The nominal instant; null when asked for by hand.', null=True)),
                ('input', models.JSONField(null=True)),
                ('request_id', models.CharField(blank=True, default='', max_length=64)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('waiting', 'Waiting'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('timed_out', 'Timed Out'), ('canceled', 'Canceled'), ('dead', 'Dead')], default='queued', max_length=20)),
                ('waiting_for', models.CharField(blank=True, choices=[('retry', 'Retry'), ('sleep', 'Sleep')], default='', max_length=20)),
                ('priority', models.PositiveSmallIntegerField(default=5)),
                ('run_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='When it may be claimed.')),
                ('fence', models.BigIntegerField(default=0)),
                ('attempt', models.PositiveIntegerField(default=0, help_text='Claims so far.')),
                ('worker', models.CharField(blank=True, default='', help_text='Who claimed it last.', max_length=100)),
                ('claimed_at', models.DateTimeField(help_text='When it was claimed last.', null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('failures', models.PositiveIntegerField(default=0, help_text='Attempts that failed and were retried.')),
                ('losses', models.PositiveIntegerField(default=0, help_text='Workers lost under it.')),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('error', models.JSONField(null=True)),
                ('event_seq', models.PositiveIntegerField(default=0)),
                ('agent', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tasks.agent')),
                ('task', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='tasks.task')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='TaskDefinition',
            fields=[
                ('pk', models.CompositePrimaryKey('task_id', 'version', blank=True, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('title', models.CharField(max_length=200)),
                ('timezone', models.CharField(max_length=64)),
                ('payload', models.JSONField()),
                ('max_retries', models.PositiveSmallIntegerField()),
                ('backoff_strategy', models.CharField(choices=[('exponential_jitter', 'Exponential Jitter'), ('linear', 'Linear'), ('fixed', 'Fixed')], max_length=20)),
                ('retry_delay_seconds', models.PositiveIntegerField()),
                ('timeout_seconds', models.PositiveIntegerField()),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='definitions', to='tasks.task')),
            ],
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('pk', models.CompositePrimaryKey('run_id', 'number', blank=True, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('outcome', models.CharField(choices=[('succeeded', 'Succeeded'), ('failed', 'Failed'), ('timed_out', 'Timed Out'), ('retried', 'Retried'), ('waiting', 'Waiting'), ('canceled', 'Canceled'), ('handed_back', 'Handed Back'), ('lost', 'Lost')], max_length=20)),
                ('worker', models.CharField(max_length=100)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField()),
                ('error', models.JSONField(null=True)),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='tasks.run')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['succeeded', 'failed', 'timed_out', 'retried', 'waiting', 'canceled', 'handed_back', 'lost'])), name='attempt_outcome_known')],
            },
        ),
        migrations.CreateModel(
            name='StepResult',
            fields=[
                ('pk', models.CompositePrimaryKey('run_id', 'step', blank=True, editable=False, primary_key=True, serialize=False)),
                ('step', models.CharField(max_length=200)),
                ('position', models.PositiveIntegerField(help_text="Its place among the run's records, from 1.")),
                ('attempt', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('succeeded', 'Succeeded'), ('failed', 'Failed'), ('skipped', 'Skipped'), ('waiting', 'Waiting')], max_length=20)),
                ('tool', models.CharField(max_length=200)),
                ('input', models.JSONField(null=True)),
                ('output', models.JSONField(null=True)),
                ('error', models.JSONField(null=True)),
                ('duration_ms', models.PositiveIntegerField()),
                ('idempotency_key', models.CharField(blank=True, max_length=64)),
                ('recorded_at', models.DateTimeField()),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='tasks.run')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['succeeded', 'failed', 'skipped', 'waiting'])), name='step_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('error__isnull', False), ('state', 'failed')), models.Q(models.Q(('state', 'failed'), _negated=True), ('error', None)), _connector='OR'), name='step_failed_has_error')],
            },
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('next_run_at__isnull', False)), fields=['next_run_at', 'id'], name='task_due_order'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(fields=['created_by', '-id'], name='task_of_agent'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='task_has_title'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['active', 'paused', 'completed', 'canceled'])), name='task_status_known'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('schedule_kind__in', ['rrule', 'cron', 'interval', 'once', 'manual'])), name='task_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('backoff_strategy__in', ['exponential_jitter', 'linear', 'fixed'])), name='task_backoff_known'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('priority__range', (1, 9))), name='task_priority_1_to_9'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('max_retries__range', (0, 10))), name='task_retries_0_to_10'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('next_run_at', None), models.Q(('deleted_at', None), ('status__in', ['active', 'paused'])), _connector='OR'), name='task_ended_plans_nothing'),
        ),
        migrations.AddConstraint(
            model_name='skippedoccurrence',
            constraint=models.UniqueConstraint(fields=('task', 'scheduled_for'), name='skipped_once_an_instant'),
        ),
        migrations.AddConstraint(
            model_name='skippedoccurrence',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['coalesced', 'misfired', 'paused'])), name='skipped_reason_known'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['-priority', 'run_at', 'id'], name='run_claim_order'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['run_at'], name='run_wakes'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('state', 'running')), fields=['lease_until'], name='run_leases'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(fields=['task', '-id'], name='run_of_task'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.UniqueConstraint(fields=('task', 'scheduled_for'), name='run_once_an_instant'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'running', 'waiting', 'succeeded', 'failed', 'timed_out', 'canceled', 'dead'])), name='run_state_known'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('attempt__gt', 0), ('lease_until__isnull', False), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('lease_until', None)), _connector='OR'), name='run_running_means_leased'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'waiting'), ('waiting_for__in', ['retry', 'sleep'])), models.Q(models.Q(('state', 'waiting'), _negated=True), ('waiting_for', '')), _connector='OR'), name='run_waiting_says_for_what'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('state__in', ['canceled', 'dead', 'failed', 'succeeded', 'timed_out'])), models.Q(models.Q(('state__in', ['canceled', 'dead', 'failed', 'succeeded', 'timed_out']), _negated=True), ('finished_at', None)), _connector='OR'), name='run_finished_has_time'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('attempt', 0), ('claimed_at', None), ('started_at', None), ('worker', '')), models.Q(('attempt__gt', 0), ('claimed_at__isnull', False), ('started_at__isnull', False), models.Q(('worker', ''), _negated=True)), _connector='OR'), name='run_claimed_has_started'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(('fence__gte', models.F('attempt'))), name='run_fence_counts_claims'),
        ),
    ]
