"""The raw limit: a process that claims and completes rows by bare SQL, with nothing in between."""

import json
import os
import sys

import psycopg


def claim_and_complete(url: str, *, batch: int) -> None:
    with psycopg.connect(url, autocommit=True) as raw:
        while True:
            claimed = raw.execute(
                """
                WITH due AS MATERIALIZED (
                    SELECT id FROM bench_run WHERE state = 'queued' ORDER BY priority DESC, run_at, id
                     LIMIT %s FOR UPDATE SKIP LOCKED)
                UPDATE bench_run AS run SET state = 'running', fence = fence + 1, lease_until = clock_timestamp()
                  FROM due WHERE run.id = due.id RETURNING run.id, run.fence
                """,
                [batch],
            ).fetchall()
            if not claimed:
                return
            raw.execute(
                """
                WITH done AS (
                    UPDATE bench_run AS run
                       SET state = 'succeeded', lease_until = run.lease_until, finished_at = clock_timestamp()
                      FROM json_to_recordset(%s) AS held (id bigint, fence bigint)
                     WHERE run.id = held.id AND run.fence = held.fence AND run.state = 'running' RETURNING run.id)
                INSERT INTO bench_event (run, type, data) SELECT id, 'run.succeeded', '{}' FROM done
                """,
                [json.dumps([{"id": run, "fence": fence} for run, fence in claimed])],
            )


if __name__ == "__main__":
    claim_and_complete(os.environ["DATABASE_URL"], batch=int(sys.argv[1]))
