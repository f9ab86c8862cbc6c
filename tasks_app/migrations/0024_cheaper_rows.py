"""What every run writes costs less: its statistics, its steps and events as text, and no entry in the index of instants without one."""

from django.db import migrations, models
from django.db.models import Q

from tasks_app.models.kept_json import KeptJSONField

# While runs flow these tables are analysed every few seconds. A sample of 3,000 rows says as much about them as one of 30,000;
# and no plan depends on what lies in the JSON, whose sorting was most of the cost.
STATISTICS = """
DO $$
DECLARE each record;
BEGIN
    FOR each IN SELECT attrelid::regclass AS written, attname AS name, atttypid IN ('json'::regtype, 'jsonb'::regtype) AS is_json
                  FROM pg_attribute
                 WHERE attrelid IN ('tasks_run'::regclass, 'tasks_outboxentry'::regclass, 'tasks_steplog'::regclass)
                   AND attnum > 0 AND NOT attisdropped
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s',
                       each.written, each.name, CASE WHEN each.is_json THEN {of_json} ELSE {target} END);
    END LOOP;
    ALTER INDEX run_ages ALTER COLUMN 1 SET STATISTICS {target};
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0023_census")]

    operations = [
        migrations.RunSQL(
            STATISTICS.format(of_json=0, target=10),
            STATISTICS.format(of_json=-1, target=-1),
        ),
        migrations.AlterField(
            "StepLog", "steps", KeptJSONField(help_text="A list of steps, each the list of its fields.")
        ),
        migrations.AlterField("OutboxEntry", "facts", KeptJSONField(help_text="Type and data of each event.")),
        migrations.RemoveConstraint("Run", "run_once_an_instant"),
        migrations.AddConstraint(
            "Run",
            models.UniqueConstraint(
                fields=["task", "scheduled_for"],
                name="run_once_an_instant",
                condition=Q(scheduled_for__isnull=False),
            ),
        ),
    ]
