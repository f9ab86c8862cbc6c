"""A run that was lost before says when it was really begun."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0010_destinations'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='begun_fence',
            field=models.BigIntegerField(help_text='Of a run that was lost before: the fence under which it was really begun.', null=True),
        ),
    ]
