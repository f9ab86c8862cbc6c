"""Tasks that answer to events and conditions: what a condition came to, and how they are found."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0005_turns_and_places'),
    ]

    operations = [
        migrations.AddField(
            model_name='task',
            name='condition_error',
            field=models.JSONField(editable=False, help_text='Why the last look found nothing out.', null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='condition_fired_at',
            field=models.DateTimeField(editable=False, help_text='The look that made its last run.', null=True),
        ),
        migrations.AlterField(
            model_name='outboxevent',
            name='type',
            field=models.CharField(max_length=220),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('schedule_kind', 'event'), ('status__in', ['active', 'paused'])), fields=['schedule_expr', 'created_by'], name='task_listens'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('due_at__isnull', False), ('schedule_kind', 'condition')), fields=['due_at', 'id'], name='task_watch_order'),
        ),
    ]
