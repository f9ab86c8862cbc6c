"""How many runs a second does a worker drain, beside the raw limit of claiming and completing, and plain Celery?

All three do their work with two processes, on the same Postgres and Redis, one after the other. The queue is
filled first; the clock runs from the first claim to the last completion (for Celery: from the worker being
ready until its queue and its unacknowledged messages are gone).
"""

import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest
from django.db import connection

from tasks_app import queue
from tasks_app.events import stream
from tasks_app.models import Run
from tasks_app.states import Trigger
from tests.benchmarks.peer_celery import app as peer
from tests.benchmarks.peer_celery import noop
from tests.benchmarks.processes import ROOT, environment, running, wait_for
from tests.making import make_task

RUNS = int(os.environ.get("BENCH_RUNS", "20000"))
MESSAGES = int(os.environ.get("BENCH_MESSAGES", "10000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
BATCH, PROCESSES = 250, 2

THREE_PURE_STEPS = {
    "params": {"name": "world"},
    "pipeline": [
        {"id": "first", "uses": "debug.echo", "with": {"text": "Hello ${params.name}"}},
        {"id": "second", "uses": "debug.echo", "with": {"text": "${steps.first.text}!"}},
        {"id": "third", "uses": "noop"},
    ],
}


@pytest.mark.django_db(transaction=True)
def test_drain_beside_the_raw_limit_and_plain_celery(redis_emptied: None, tmp_path: Path) -> None:
    raw, ours, celery = [], [], []
    for _ in range(ROUNDS):
        raw.append(_raw_limit())
        ours.append(_drain(tmp_path / "worker.log"))
        celery.append(_plain_celery(tmp_path / "peer.log"))
    limit, drained, plain = median(raw), median(ours), median(celery)
    print(
        f"\nDrain throughput, {PROCESSES} processes, median of {ROUNDS}:\n"
        f"  raw claim and complete, batches of {BATCH}   {limit:>9,.0f} runs/s\n"
        f"  worker, 3-step pure pipelines           {drained:>9,.0f} runs/s   {drained / limit:.0%} of the raw limit\n"
        f"  plain Celery, no-op tasks               {plain:>9,.0f} tasks/s\n"
        f"  worker : plain Celery = {drained / plain:.1f} : 1\n"
    )
    assert drained > plain


def _drain(log: Path) -> float:
    task = make_task(payload=THREE_PURE_STEPS)
    new = queue.NewRun(task=task.pk, task_version=1, agent=task.created_by_id, priority=5, trigger=Trigger.RUN_NOW)
    for _ in range(0, RUNS, 1000):
        queue.enqueue([new] * 1000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE tasks_run")
    command = ("celery", "-A", "ordinaut_site", "worker", "-c", str(PROCESSES), "--without-mingle", "--without-gossip")
    with running(*command, log=log):
        wait_for(lambda: not Run.objects.unfinished().exists())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) / extract(epoch FROM max(finished_at) - min(claimed_at)) FROM tasks_run WHERE state = 'succeeded'"
        )
        speed = float(cursor.fetchone()[0])
        cursor.execute("TRUNCATE tasks_run, tasks_attempt, tasks_stepresult, tasks_outboxentry CASCADE")
    return speed


def _plain_celery(log: Path) -> float:
    client = stream.client()
    with peer.producer_pool.acquire(block=True) as producer:
        for _ in range(MESSAGES):
            noop.apply_async(producer=producer)
    command = ("celery", "-A", "tests.benchmarks.peer_celery", "worker", "-c", str(PROCESSES), "--without-mingle")
    with running(*command, log=log):
        wait_for(lambda: client.llen("peer") < MESSAGES)
        before = int(client.llen("peer"))
        seconds = wait_for(lambda: not client.llen("peer") and not client.hlen("unacked"))
    return before / seconds


def _raw_limit() -> float:
    """Two processes that claim and complete rows with nothing in between: a run's row and one event's."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DROP TABLE IF EXISTS bench_run, bench_event;
            CREATE TABLE bench_run (id bigserial PRIMARY KEY, state text NOT NULL DEFAULT 'queued',
                priority smallint NOT NULL DEFAULT 5, run_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                fence bigint NOT NULL DEFAULT 0, lease_until timestamptz, finished_at timestamptz) WITH (fillfactor = 70);
            CREATE INDEX ON bench_run (priority DESC, run_at, id) WHERE state = 'queued';
            CREATE TABLE bench_event (id bigserial PRIMARY KEY, run bigint NOT NULL, type text NOT NULL, data jsonb);
            """
        )
        cursor.execute("INSERT INTO bench_run (priority) SELECT 5 FROM generate_series(1, %s)", [RUNS])
        cursor.execute("VACUUM ANALYZE bench_run")
    raw = [
        subprocess.Popen([sys.executable, "-m", "tests.benchmarks.raw_limit", str(BATCH)], cwd=ROOT, env=environment())
        for _ in range(PROCESSES)
    ]
    assert [process.wait() for process in raw] == [0] * PROCESSES
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) / extract(epoch FROM max(finished_at) - min(lease_until)) FROM bench_run")
        speed = float(cursor.fetchone()[0])
        cursor.execute("DROP TABLE bench_run, bench_event")
    return speed
