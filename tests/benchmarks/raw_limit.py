"""The raw limit: a process that claims and completes the platform's rows by bare SQL, with nothing in between."""

import json
import os
import sys
import time

import psycopg

CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id FROM tasks_run WHERE state = 'queued' ORDER BY priority DESC, fair_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE tasks_run AS run
   SET state = 'running', fence = fence + 1, attempt = attempt + 1, worker = 'raw', claimed_at = clock_timestamp(),
       started_at = clock_timestamp(), lease_until = clock_timestamp() + interval '30 s'
  FROM due WHERE run.id = due.id RETURNING run.id, run.fence
"""
COMPLETE = """
WITH done AS (
    UPDATE tasks_run AS run
       SET state = 'succeeded', lease_until = NULL, finished_at = clock_timestamp(), event_seq = event_seq + 1
      FROM json_to_recordset(%s) AS held (id uuid, fence bigint)
     WHERE run.id = held.id AND run.fence = held.fence AND run.state = 'running' RETURNING run.id, run.event_seq)
INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, facts)
SELECT 'run', id, event_seq, '[["run.succeeded", {}]]' FROM done
"""


def claim_and_complete(url: str, *, batch: int) -> None:
    """Wait for the first runs, and end when there are no more."""
    begun = False
    with psycopg.connect(url, autocommit=True) as raw:
        while True:
            claimed = raw.execute(CLAIM, [batch]).fetchall()
            if claimed:
                begun = True
                held = [{"id": str(run), "fence": fence} for run, fence in claimed]
                raw.execute(COMPLETE, [json.dumps(held)])
            elif begun:
                return
            else:
                time.sleep(0.01)


if __name__ == "__main__":
    claim_and_complete(os.environ["DATABASE_URL"], batch=int(sys.argv[1]))
