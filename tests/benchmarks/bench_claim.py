"""How long does a claim take with a million runs due, and while somebody holds a snapshot open?

A snapshot keeps Postgres from forgetting the dead versions of rows, so a claim has to pass over the index entries of
all that was claimed since. The runs that flow meanwhile are claimed and completed by the queue's own statements.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import quantiles
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from tasks_app import queue
from tests.benchmarks.processes import environment
from tests.making import LEASE, make_task

DUE = int(os.environ.get("BENCH_DUE_RUNS", "1000000"))
CLAIMS = int(os.environ.get("BENCH_CLAIMS", "300"))
SNAPSHOT_SECONDS = int(os.environ.get("BENCH_SNAPSHOT_SECONDS", "60"))
RATE = int(os.environ.get("BENCH_SNAPSHOT_RATE", "2000"))  # runs a second that flow under the snapshot
BATCH = 100

# The same rows as `queue.enqueue` makes, without its events: these are not what is measured.
FILL = """
INSERT INTO tasks_run (id, task_id, task_version, agent_id, priority, trigger, run_at, fair_at, request_id, state,
                       waiting_for, worker, fence, attempt, failures, losses, event_seq)
SELECT gen_random_uuid(), %(task)s, 1, %(agent)s, 1 + nth %% 9, 'schedule',
       clock_timestamp() - interval '1 hour' + nth * interval '1 ms',
       clock_timestamp() - interval '1 hour' + nth * interval '1 ms', '', 'queued', '', '', 0, 0, 0, 0, 1
  FROM generate_series(1, %(runs)s) AS nth
"""


@pytest.mark.django_db(transaction=True)
def test_a_claim_beside_a_million_due_runs_and_under_an_open_snapshot(redis_emptied: None) -> None:
    task = make_task()
    _fill(task.pk, task.created_by_id, DUE)
    backlog = _claims(CLAIMS)
    with _snapshot():
        under_snapshot = _flow(SNAPSHOT_SECONDS)
    for title, seconds in (
        (f"{DUE:,} runs due", backlog),
        (f"the same, the last tenth of {SNAPSHOT_SECONDS} s under an open snapshot", under_snapshot),
    ):
        cuts = quantiles([each * 1000 for each in seconds], n=20)
        print(
            f"\nClaim of {BATCH}, {title}: p50 {cuts[9]:.1f} ms, p95 {cuts[18]:.1f} ms, max {1000 * max(seconds):.1f} ms"
        )
    assert quantiles(backlog, n=20)[18] < 0.02
    assert quantiles(under_snapshot, n=20)[18] < 0.05


def _fill(task: UUID, agent: UUID, runs: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(FILL, {"task": task, "agent": agent, "runs": runs})
        cursor.execute("VACUUM ANALYZE tasks_run")
        cursor.execute("RESET statement_timeout")


def _claims(number: int) -> list[float]:
    return [_claim_and_complete() for _ in range(number)]


def _claim_and_complete() -> float:
    began = time.perf_counter()
    claimed = queue.claim(worker="bench", limit=BATCH, lease=LEASE)
    took = time.perf_counter() - began
    queue.move([queue.succeed(each.lease) for each in claimed])
    return took


def _flow(seconds: float) -> list[float]:
    """Claims at a steady rate; how long those of the last tenth took, when the dead rows are most."""
    began, every, taken = time.monotonic(), BATCH / RATE, []
    while (elapsed := time.monotonic() - began) < seconds:
        if took := _claim_and_complete():
            taken.append((elapsed, took))
        time.sleep(max(0.0, began + every * len(taken) - time.monotonic()))
    return [took for elapsed, took in taken if elapsed > seconds * 0.9]


@contextmanager
def _snapshot() -> Iterator[None]:
    with psycopg.connect(environment()["DATABASE_URL"]) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute("SELECT count(*) FROM tasks_agent")
        yield
        other.rollback()
