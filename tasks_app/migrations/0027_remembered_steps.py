"""What a call under a key came to stands for further calls under it, for as long as its step says."""

from django.db import migrations, models

from tasks_app.models.kept_json import KeptJSONField


class Migration(migrations.Migration):
    dependencies = [("tasks", "0026_longer_step_names")]

    operations = [
        migrations.CreateModel(
            "RememberedStep",
            [
                ("pk", models.CompositePrimaryKey("agent", "tool", "key", blank=True, editable=False, primary_key=True, serialize=False)),
                ("agent", models.UUIDField(help_text="Whose run made the call.")),
                ("tool", models.TextField(help_text="The tool's address.")),
                ("key", models.CharField(max_length=255)),
                ("output", KeptJSONField(null=True)),
                ("kept_until", models.DateTimeField()),
            ],
            options={
                "ordering": ["agent", "tool", "key"],
                "indexes": [models.Index(fields=["kept_until"], name="remembered_until")],
            },
        ),
    ]
