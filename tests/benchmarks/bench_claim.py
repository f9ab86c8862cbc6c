"""How long does a claim take with a million runs due, and while somebody holds a snapshot open?

A snapshot keeps Postgres from forgetting the dead versions of rows, so a claim has to pass over the index entries of
all that was claimed since. The runs that flow meanwhile are claimed and completed by the queue's own statements.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import quantiles

import psycopg
import pytest
from django.db import connection

from tasks_app import queue
from tasks_app.execution.claim_floors import ClaimFloors
from tests.benchmarks.filling import fill
from tests.benchmarks.processes import environment
from tests.making import LEASE, make_task

DUE = int(os.environ.get("BENCH_DUE_RUNS", "1000000"))
CLAIMS = int(os.environ.get("BENCH_CLAIMS", "300"))
SNAPSHOT_SECONDS = int(os.environ.get("BENCH_SNAPSHOT_SECONDS", "60"))
RATE = int(os.environ.get("BENCH_SNAPSHOT_RATE", "2000"))  # runs a second that flow under the snapshot
BATCH = 100


@pytest.mark.timeout(SNAPSHOT_SECONDS + 600)
@pytest.mark.django_db(transaction=True)
def test_a_claim_beside_a_million_due_runs_and_under_an_open_snapshot(redis_emptied: None) -> None:
    task = make_task()
    fill(task, DUE, priorities=9, age=3600)
    _vacuum()
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


def _vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE tasks_run")
        cursor.execute("RESET statement_timeout")


def _claims(number: int) -> list[float]:
    floors = ClaimFloors()
    return [_claim_and_complete(floors) for _ in range(number)]


def _claim_and_complete(floors: ClaimFloors) -> float:
    """As a worker does it. Answers how long the claim took."""
    began, before = time.perf_counter(), floors.current()
    claimed = queue.claim(worker="bench", limit=BATCH, lease=LEASE, floors=before)
    took = time.perf_counter() - began
    floors.note(claimed, whole=not before, full=len(claimed) == BATCH, took=took)
    queue.move([queue.succeed(each.lease) for each in claimed])
    return took


def _flow(seconds: float) -> list[float]:
    """Claims at a steady rate; how long those of the last tenth took, when the dead rows are most."""
    floors = ClaimFloors()
    began, every, taken = time.monotonic(), BATCH / RATE, []
    while (elapsed := time.monotonic() - began) < seconds:
        taken.append((elapsed, _claim_and_complete(floors)))
        time.sleep(max(0.0, began + every * len(taken) - time.monotonic()))
    return [took for elapsed, took in taken if elapsed > seconds * 0.9]


@contextmanager
def _snapshot() -> Iterator[None]:
    with psycopg.connect(environment()["DATABASE_URL"]) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute("SELECT count(*) FROM tasks_agent")
        yield
        other.rollback()
