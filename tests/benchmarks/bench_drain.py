"""What does a worker make of the processors, beside the raw limit of claiming and completing, and plain Celery?

All three do their work with two processes, on the same Postgres and Redis, one after the other, and are up before there is
anything to do: the runs appear at once, by one commit. The raw limit is bare SQL that claims and completes the platform's
own rows in batches of 100, a run's row and one outbox row, and nothing else. Processor time is that of the processes and of
the whole Postgres server.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest
from django.db import connection, transaction

from tasks_app.events import stream, wakeup
from tasks_app.models import Run, Task
from tests.benchmarks.cpu import spent_by, spent_by_postgres
from tests.benchmarks.filling import fill
from tests.benchmarks.peer_celery import app as peer
from tests.benchmarks.peer_celery import noop
from tests.benchmarks.processes import ROOT, environment, running, wait_for
from tests.making import make_run, make_task

RUNS = int(os.environ.get("BENCH_RUNS", "50000"))
MESSAGES = int(os.environ.get("BENCH_MESSAGES", "10000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
PROCESSES = 2

THREE_PURE_STEPS = {
    "params": {"name": "world"},
    "pipeline": [
        {"id": "first", "uses": "debug.echo", "with": {"text": "Hello ${params.name}"}},
        {"id": "second", "uses": "debug.echo", "with": {"text": "${steps.first.text}!"}},
        {"id": "third", "uses": "noop"},
    ],
}


@dataclass(frozen=True)
class Measure:
    """Of one contestant: how much it did in a second, and the processor time that each cost, in microseconds."""

    per_second: float
    cpu: float


@pytest.mark.django_db(transaction=True)
def test_drain_beside_the_raw_limit_and_plain_celery(redis_emptied: None, tmp_path: Path) -> None:
    rounds = [(_raw_limit(tmp_path), _drain(tmp_path), _plain_celery(tmp_path / "peer.log")) for _ in range(ROUNDS)]
    raw, ours, celery = (
        Measure(median(each.per_second for each in column), median(each.cpu for each in column))
        for column in zip(*rounds, strict=True)
    )
    print(
        f"\nNo-op runs, {PROCESSES} processes, {RUNS:,} runs, {MESSAGES:,} messages, median of {ROUNDS}:\n"
        f"  {'':36}{'per second':>12}{'CPU us each':>13}\n"
        f"  {'bare SQL, batches of 100':36}{raw.per_second:>12,.0f}{raw.cpu:>13.1f}\n"
        f"  {'worker, 3-step pure pipelines':36}{ours.per_second:>12,.0f}{ours.cpu:>13.1f}\n"
        f"  {'plain Celery prefork, no-op tasks':36}{celery.per_second:>12,.0f}{celery.cpu:>13.1f}\n"
        f"  worker : plain Celery = {ours.per_second / celery.per_second:.1f} : 1\n"
        f"  of the raw limit by CPU: {raw.cpu / ours.cpu:.0%}, by runs a second {ours.per_second / raw.per_second:.0%}\n"
    )
    assert ours.per_second > celery.per_second


def _drain(folder: Path) -> Measure:
    command = ("celery", "-A", "ordinaut_site", "worker", "-c", str(PROCESSES), "--without-mingle", "--without-gossip")
    task = make_task(payload=THREE_PURE_STEPS)
    with running(*command, log=folder / "worker.log") as worker:
        for _ in range(PROCESSES):
            make_run(task)
        wait_for(lambda: not Run.objects.unfinished().exists())
        measure = _measured([worker.pid], task, wakeup.send)
    _empty()
    return measure


def _raw_limit(folder: Path) -> Measure:
    task = make_task()
    command = [sys.executable, "-m", "tests.benchmarks.raw_limit", "100"]
    with (folder / "raw.log").open("wb") as log:
        raw = [subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=log) for _ in range(PROCESSES)]
    try:
        time.sleep(2)  # until both are up: they look for the first run all the time
        measure = _measured([process.pid for process in raw], task, lambda: None)
        assert [process.wait(10) for process in raw] == [0] * PROCESSES
    finally:
        for process in raw:
            process.kill()
            process.wait()
    _empty()
    return measure


def _measured(pids: list[int], task: Task, wake: Callable[[], None]) -> Measure:
    with transaction.atomic():
        fill(task, RUNS)
        before = spent_by(pids) + spent_by_postgres()
    wake()
    wait_for(lambda: not Run.objects.unfinished().exists())
    spent = spent_by(pids) + spent_by_postgres() - before
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM max(finished_at) - min(claimed_at)) FROM tasks_run WHERE trigger = 'schedule'"
        )
        seconds = float(cursor.fetchone()[0])
    return Measure(RUNS / seconds, spent / RUNS * 1e6)


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tasks_run, tasks_attempt, tasks_steplog, tasks_outboxentry CASCADE")


def _plain_celery(log: Path) -> Measure:
    client = stream.client()
    with peer.producer_pool.acquire(block=True) as producer:
        for _ in range(MESSAGES):
            noop.apply_async(producer=producer)
    command = ("celery", "-A", "tests.benchmarks.peer_celery", "worker", "-c", str(PROCESSES), "--without-mingle")
    with running(*command, log=log) as worker:
        wait_for(lambda: client.llen("peer") < MESSAGES)
        before, spent = int(client.llen("peer")), spent_by([worker.pid])
        seconds = wait_for(lambda: not client.llen("peer") and not client.hlen("unacked"))
        spent = spent_by([worker.pid]) - spent
    return Measure(before / seconds, spent / before * 1e6)
