"""Tools that people bring, their versions, and the secrets that they send."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now

import tasks_app.models.ids


class Migration(migrations.Migration):
    dependencies = [("tasks", "0027_remembered_steps")]

    operations = [
        migrations.CreateModel(
            name="CatalogueStamp",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("value", models.UUIDField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="catalogue_stamp_one_row")],
            },
        ),
        migrations.CreateModel(
            name="Tool",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tasks_app.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("address", models.CharField(db_collation="C", max_length=200, unique=True)),
                ("transport", models.CharField(max_length=20)),
                ("settings", models.JSONField(default=dict)),
                ("input_schema", models.JSONField(default=dict)),
                ("output_schema", models.JSONField(default=dict)),
                (
                    "timeout_seconds",
                    models.FloatField(default=30.0, help_text="Of one call, unless its step says otherwise."),
                ),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        default=list,
                        help_text="What a step's agent needs to use it.",
                        size=None,
                    ),
                ),
                ("cost_tier", models.CharField(default="free", max_length=40)),
                (
                    "description",
                    models.TextField(
                        blank=True, default="", validators=[django.core.validators.MaxLengthValidator(4000)]
                    ),
                ),
                ("examples", models.JSONField(default=list)),
                (
                    "pure",
                    models.BooleanField(
                        default=False, help_text="A second call does nothing that the first has not done."
                    ),
                ),
                (
                    "safe_to_retry",
                    models.BooleanField(
                        default=False, help_text="A second call with the same idempotency key does no harm."
                    ),
                ),
                (
                    "max_retries",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Of steps that say nothing about it themselves.",
                        validators=[django.core.validators.MaxValueValidator(10)],
                    ),
                ),
                (
                    "rate_limit",
                    models.CharField(
                        blank=True, help_text="Such as 10/m; empty for no limit.", max_length=20, null=True
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                (
                    "approval",
                    models.CharField(
                        choices=[("approved", "Approved"), ("changed", "Changed")], default="approved", max_length=20
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(db_default=Now(), editable=False)),
                ("updated_at", models.DateTimeField(db_default=Now(), editable=False)),
            ],
            options={
                "ordering": ["address"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("approval__in", ["approved", "changed"])), name="tool_approval_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("timeout_seconds__gt", 0)), name="tool_has_time"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ToolVersion",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tool_id", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("definition", models.JSONField()),
                ("by", models.CharField(help_text="agent:<id>, user:<name> or system.", max_length=160)),
                ("at", models.DateTimeField(db_default=Now())),
                (
                    "tool",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="tasks.tool",
                    ),
                ),
            ],
            options={
                "ordering": ["tool_id", "-version"],
            },
        ),
        migrations.CreateModel(
            name="Secret",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tasks_app.models.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                (
                    "hosts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=260),
                        help_text="Where it may be sent: names, or *.example.org.",
                        size=None,
                    ),
                ),
                ("sealed", models.TextField(editable=False, help_text="The value, encrypted (Fernet).")),
                ("key_id", models.CharField(editable=False, help_text="Which key encrypted it.", max_length=16)),
                ("created_at", models.DateTimeField(db_default=Now(), editable=False)),
                ("rotated_at", models.DateTimeField(db_default=Now(), editable=False)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        help_text="The agent whose runs may use it; empty for all.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="kept_secrets",
                        to="tasks.agent",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "name"), name="secret_one_a_name", nulls_distinct=False),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="secret_has_name"),
                ],
            },
        ),
    ]
