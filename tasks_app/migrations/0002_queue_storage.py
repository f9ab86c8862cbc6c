"""The queue's table is updated at every move: room for updates in its pages, and a vacuum that comes often."""

from django.db import migrations

STORAGE = """
ALTER TABLE tasks_run SET (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_analyze_scale_factor = 0.02
);
ALTER TABLE tasks_outboxevent SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
"""

DEFAULTS = """
ALTER TABLE tasks_run RESET (
    fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, autovacuum_analyze_scale_factor
);
ALTER TABLE tasks_outboxevent RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_initial")]

    operations = [migrations.RunSQL(STORAGE, DEFAULTS)]
