"""One outbox row for the events of a change, one row for the steps of a write, and a fair place in the queue."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now

ENTRIES = "UPDATE tasks_outboxentry SET facts = jsonb_build_array(jsonb_build_array(type, data));"

STEPS = """
INSERT INTO tasks_steplog (run_id, seq, attempt, recorded_at, steps)
SELECT run_id, row_number() OVER (PARTITION BY run_id ORDER BY position, recorded_at), attempt, recorded_at,
       jsonb_build_array(jsonb_build_array(step, state, tool, input, output, error, duration_ms, idempotency_key))
  FROM tasks_stepresult;
"""

# Finished runs have no place in the queue: theirs is never read.
PLACES = "UPDATE tasks_run SET fair_at = run_at WHERE state IN ('queued', 'waiting', 'running');"

# A history is only ever added to. A queue's row is rewritten at every move: dead versions must not pile up.
STORAGE = """
ALTER TABLE tasks_steplog SET (autovacuum_vacuum_insert_scale_factor = 0.05);
ALTER TABLE tasks_run SET (autovacuum_vacuum_cost_delay = 0);
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0007_deferred_to")]

    operations = [
        migrations.RenameModel("OutboxEvent", "OutboxEntry"),
        migrations.RemoveIndex("OutboxEntry", "event_unnumbered"),
        migrations.RemoveConstraint("OutboxEntry", "event_order_in_aggregate"),
        migrations.RemoveConstraint("OutboxEntry", "event_one_a_position"),
        migrations.AlterField(
            "OutboxEntry",
            "pos",
            models.BigIntegerField(null=True, help_text="Of its first event; the others follow."),
        ),
        migrations.AlterField(
            "OutboxEntry",
            "seq",
            models.PositiveIntegerField(help_text="Of its first event: dense within the aggregate, from 1."),
        ),
        migrations.AddField(
            "OutboxEntry",
            "size",
            models.PositiveSmallIntegerField(db_default=1, default=1, help_text="How many events."),
        ),
        migrations.AddField(
            "OutboxEntry",
            "shared",
            models.JSONField(db_default={}, default=dict, help_text="What the data of each of its events holds."),
        ),
        migrations.AddField(
            "OutboxEntry",
            "facts",
            models.JSONField(default=list, help_text="Type and data of each event."),
            preserve_default=False,
        ),
        migrations.RunSQL(ENTRIES, migrations.RunSQL.noop),
        migrations.RemoveField("OutboxEntry", "type"),
        migrations.RemoveField("OutboxEntry", "data"),
        migrations.AddIndex(
            "OutboxEntry",
            models.Index(fields=["id"], name="entry_unnumbered", condition=models.Q(pos=None)),
        ),
        migrations.AddConstraint(
            "OutboxEntry",
            models.UniqueConstraint(fields=["aggregate_id", "seq"], name="entry_order_in_aggregate"),
        ),
        migrations.AddConstraint(
            "OutboxEntry",
            models.UniqueConstraint(fields=["pos"], name="entry_one_a_position", condition=~models.Q(pos=None)),
        ),
        migrations.AddConstraint(
            "OutboxEntry", models.CheckConstraint(name="entry_has_events", condition=models.Q(size__gt=0))
        ),
        migrations.CreateModel(
            "StepLog",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "run_id", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        "tasks.Run",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                    ),
                ),
                ("seq", models.PositiveIntegerField(help_text="The number of the run's first event of that write.")),
                ("attempt", models.PositiveIntegerField()),
                ("recorded_at", models.DateTimeField()),
                ("steps", models.JSONField(help_text="A list of steps, each the list of its fields.")),
            ],
            {"ordering": ["run_id", "seq"]},
        ),
        migrations.RunSQL(STEPS, migrations.RunSQL.noop),
        migrations.DeleteModel("StepResult"),
        migrations.AddField(
            "Run",
            "fair_at",
            models.DateTimeField(
                db_default=Now(), help_text="Its place among the queued ones of its priority: agents take turns."
            ),
        ),
        migrations.RunSQL(PLACES, migrations.RunSQL.noop),
        migrations.RemoveIndex("Run", "run_claim_order"),
        migrations.AddIndex(
            "Run",
            models.Index(
                fields=["-priority", "fair_at", "id"], name="run_claim_order", condition=models.Q(state="queued")
            ),
        ),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
    ]
