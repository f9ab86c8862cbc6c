"""Who goes on and who is next, in a lane and under a key: each by an index that other runs do not pay for."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0004_due_at_of_planned_tasks'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='run',
            name='run_wakes',
        ),
        migrations.RemoveIndex(
            model_name='run',
            name='run_concurrency',
        ),
        migrations.AlterField(
            model_name='run',
            name='takes_turn',
            field=models.BooleanField(db_default=False, default=False, help_text='Still has to wait until no other run of its lane goes on.'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('state', 'waiting'), models.Q(('waiting_for', 'turn'), _negated=True)), fields=['run_at'], name='run_wakes'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(models.Q(('lane', ''), _negated=True), ('state__in', ['queued', 'running', 'waiting']), ('takes_turn', False)), fields=['lane'], name='run_lane_taken'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('state', 'waiting'), ('waiting_for', 'turn'), models.Q(('lane', ''), _negated=True), ('takes_turn', True)), fields=['lane', 'scheduled_for', 'id'], name='run_lane_order'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(models.Q(('concurrency_key', ''), _negated=True), ('state__in', ['queued', 'running'])), fields=['agent', 'concurrency_key'], name='run_key_taken'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('state', 'waiting'), ('waiting_for', 'turn'), models.Q(('concurrency_key', ''), _negated=True), ('takes_turn', False)), fields=['agent', 'concurrency_key', '-priority', 'run_at', 'id'], name='run_key_order'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(('takes_turn', False), models.Q(('lane', ''), _negated=True), _connector='OR'), name='run_turn_needs_lane'),
        ),
    ]
