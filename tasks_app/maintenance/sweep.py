"""Sweep: wake the workers again when a run has been free to be claimed for seconds and nobody has taken it."""

from typing import Final

from django.db import connection
from prometheus_client import Counter

from tasks_app.events import wakeup

OVERDUE: Final = 5.0  # seconds: a hint that arrives, and even a poll without one, is sooner

_hits = Counter(
    "orchestrator_sweeper_hits_total", "Rounds that found a run overdue: its hint was lost, or all workers are busy."
)

# The first in line of each priority: nine looks into the claim's index.
_LONGEST_WAIT: Final = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - first.run_at)), 0)::float8
  FROM generate_series(1, 9) AS level (priority)
 CROSS JOIN LATERAL (
     SELECT run_at
       FROM tasks_run
      WHERE state = 'queued'
        AND priority = level.priority
      ORDER BY fair_at, id
      LIMIT 1
 ) AS first
"""


def run_once() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_LONGEST_WAIT)
        overdue = cursor.fetchone()[0] > OVERDUE
    if overdue:
        _hits.inc()
        wakeup.send()
    return {"overdue": int(overdue)}
