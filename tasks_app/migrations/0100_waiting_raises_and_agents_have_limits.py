"""Waiting raises the priority of a run, and an agent may have a limit of runs that go on at one time."""

import django.core.validators
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0012_workers'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='run',
            name='run_waiting_says_for_what',
        ),
        migrations.RemoveIndex(
            model_name='run',
            name='run_wakes',
        ),
        migrations.RemoveIndex(
            model_name='run',
            name='run_key_taken',
        ),
        migrations.AddField(
            model_name='agent',
            name='max_running',
            field=models.PositiveIntegerField(blank=True, help_text='Runs of its tasks that may go on at one time.', null=True, validators=[django.core.validators.MinValueValidator(1)]),
        ),
        migrations.AddField(
            model_name='run',
            name='agent_limited',
            field=models.BooleanField(db_default=False, default=False, help_text='Counts among the runs that its agent may have going on.'),
        ),
        migrations.AddField(
            model_name='run',
            name='raised_at',
            field=models.DateTimeField(help_text='When waiting raised its priority last.', null=True),
        ),
        migrations.AlterField(
            model_name='run',
            name='priority',
            field=models.PositiveSmallIntegerField(default=5, help_text="The task's, until waiting raises it."),
        ),
        migrations.AlterField(
            model_name='run',
            name='waiting_for',
            field=models.CharField(blank=True, choices=[('retry', 'Retry'), ('sleep', 'Sleep'), ('start', 'Start'), ('turn', 'Turn'), ('agent_limit', 'Agent Limit'), ('breaker', 'Breaker'), ('rate_limit', 'Rate Limit')], default='', max_length=20),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('state', 'waiting'), models.Q(('waiting_for__in', ['agent_limit', 'turn']), _negated=True)), fields=['run_at'], name='run_wakes'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(models.Q(('concurrency_key', ''), _negated=True), ('state__in', ['queued', 'running', 'waiting']), ('waiting_for__in', ['', 'agent_limit'])), fields=['agent', 'concurrency_key'], name='run_key_taken'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('agent_limited', True), ('state__in', ['queued', 'running'])), fields=['agent'], name='run_limit_taken'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('state', 'waiting'), ('waiting_for', 'agent_limit')), fields=['agent', '-priority', 'run_at', 'id'], name='run_limit_order'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(django.db.models.functions.comparison.Greatest('run_at', 'raised_at'), condition=models.Q(('state', 'waiting'), ('priority__lt', 9), ('takes_turn', False), ('waiting_for__in', ['agent_limit', 'turn'])), name='run_ages'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'waiting'), ('waiting_for__in', ['retry', 'sleep', 'start', 'turn', 'agent_limit', 'breaker', 'rate_limit'])), models.Q(models.Q(('state', 'waiting'), _negated=True), ('waiting_for', '')), _connector='OR'), name='run_waiting_says_for_what'),
        ),
    ]
