"""How is the database under the queue: what keeps it from cleaning up, and how much waits to be cleaned up?"""

from dataclasses import dataclass
from typing import Final

from django.db import connection


@dataclass(frozen=True, kw_only=True)
class DatabaseState:
    """oldest_snapshot_seconds: since when the oldest transaction that holds a snapshot is open; oldest_xmin_age: how many
    transactions have begun since, also by those that replication slots keep. dead_tuples: of the queue's table, as the
    statistics have it."""

    oldest_snapshot_seconds: float
    oldest_xmin_age: int
    dead_tuples: int


# Of other roles' sessions only a member of pg_read_all_stats sees anything.
_STATE: Final = """
WITH holding AS (
    SELECT extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds, age(backend_xmin) AS transactions
      FROM pg_stat_activity
     WHERE backend_xmin IS NOT NULL
       AND pid <> pg_backend_pid()
       AND backend_type <> 'autovacuum worker'
     UNION ALL
    SELECT extract(epoch FROM clock_timestamp() - prepared)::float8, age(transaction) FROM pg_prepared_xacts
     UNION ALL
    SELECT NULL, age(xmin) FROM pg_replication_slots WHERE xmin IS NOT NULL
)
SELECT coalesce(max(seconds), 0),
       coalesce(max(transactions), 0),
       coalesce((SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = 'tasks_run'::regclass), 0)
  FROM holding
"""


def look() -> DatabaseState:
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        seconds, transactions, dead = cursor.fetchone()
    return DatabaseState(oldest_snapshot_seconds=seconds, oldest_xmin_age=transactions, dead_tuples=dead)
