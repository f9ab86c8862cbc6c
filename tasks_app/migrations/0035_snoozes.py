"""A single instant of a task can be put off: the task says which, and the ledger where to."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0034_webhooks'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='skippedoccurrence',
            name='skipped_reason_known',
        ),
        migrations.AddField(
            model_name='skippedoccurrence',
            name='moved_to',
            field=models.DateTimeField(help_text='Where a snooze put it off to.', null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='snoozes',
            field=models.JSONField(editable=False, help_text='The single instants that were put off.', null=True),
        ),
        migrations.AlterField(
            model_name='skippedoccurrence',
            name='reason',
            field=models.CharField(choices=[('coalesced', 'Coalesced'), ('overlap', 'Overlap'), ('blackout', 'Blackout'), ('holiday', 'Holiday'), ('dst_gap', 'Dst Gap'), ('paused', 'Paused'), ('misfired', 'Misfired'), ('deduplicated', 'Deduplicated'), ('budget', 'Budget'), ('cooldown', 'Cooldown'), ('snoozed', 'Snoozed')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='skippedoccurrence',
            index=models.Index(condition=models.Q(('moved_to__isnull', False)), fields=['task', 'moved_to'], name='skipped_moved_to'),
        ),
        migrations.AddConstraint(
            model_name='skippedoccurrence',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['coalesced', 'overlap', 'blackout', 'holiday', 'dst_gap', 'paused', 'misfired', 'deduplicated', 'budget', 'cooldown', 'snoozed'])), name='skipped_reason_known'),
        ),
    ]
