"""What does a worker make of the processors, beside the raw limit of claiming and completing, and beside its peers?

All do their work with two processes, on the same Postgres and Redis, one after the other, and are up before there is
anything to do. The raw limit is bare SQL that claims and completes the platform's own rows in batches of 100, a run's row and
one outbox row, and nothing else. Processor time is that of the processes and of the whole Postgres server; of plain Celery,
that of its processes.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks_app.events import wakeup
from tests.benchmarks.measuring import Measure, celery_working, consumed, drained, forget_runs, working
from tests.benchmarks.peers.plain_celery import app as plain_celery
from tests.benchmarks.peers.plain_celery import noop
from tests.benchmarks.peers.runner import PEERS, Peer, PeerFailed, python_of_peers
from tests.benchmarks.processes import ROOT, environment
from tests.making import make_task

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
RAW, OURS, CELERY = "bare SQL, batches of 100", "worker, 3-step pure pipelines", "plain Celery prefork"


@pytest.mark.timeout(1200)
@pytest.mark.django_db(transaction=True)
def test_drain_beside_the_raw_limit_and_the_peers(redis_emptied: None, tmp_path: Path) -> None:
    contestants: dict[str, Callable[[], Measure]] = {
        RAW: lambda: _raw_limit(tmp_path),
        OURS: lambda: _drain(tmp_path / "worker.log"),
        CELERY: lambda: _plain_celery(tmp_path / "celery.log"),
    }
    python = python_of_peers()
    if python:
        contestants |= {peer.title: _contest(peer, python, tmp_path) for peer in PEERS}
    measures = _medians(contestants)
    _tell(measures)
    assert measures[OURS].per_second > measures[CELERY].per_second


def _medians(contestants: dict[str, Callable[[], Measure]]) -> dict[str, Measure]:
    """Of each, in turns. A peer that fails says so, and is left out."""
    measured: dict[str, list[Measure]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, measure in contestants.items():
            try:
                if name in measured:
                    measured[name].append(measure())
            except PeerFailed as failed:
                del measured[name]
                print(f"\nWithout {name}: {failed}")
    return {name: Measure.median_of(each) for name, each in measured.items()}


def _tell(measures: dict[str, Measure]) -> None:
    ours, raw = measures[OURS], measures[RAW]
    print(f"\nNo-op runs, {PROCESSES} processes, median of {ROUNDS}:")
    print(f"  {'':36}{'a second':>12}{'CPU us each':>13}{'worker does':>13}{'for CPU':>9}")
    for name, measure in measures.items():
        times, cheaper = ours.per_second / measure.per_second, measure.cpu / ours.cpu
        print(f"  {name:36}{measure.per_second:>12,.0f}{measure.cpu:>13.1f}{times:>12.2f}x{cheaper:>8.2f}x")
    print(
        f"  of the raw limit by CPU: {raw.cpu / ours.cpu:.0%}, by runs a second {ours.per_second / raw.per_second:.0%}\n"
    )


def _contest(peer: Peer, python: Path, folder: Path) -> Callable[[], Measure]:
    return lambda: peer.measure(python, processes=PROCESSES, log=folder / f"{peer.module}.log")


def _drain(log: Path) -> Measure:
    task = make_task(payload=THREE_PURE_STEPS)
    with working(task, processes=PROCESSES, log=log) as worker:
        measure = drained([worker.pid], task, runs=RUNS, wake=wakeup.send)
    forget_runs()
    return measure


def _raw_limit(folder: Path) -> Measure:
    task = make_task()
    command = [sys.executable, "-m", "tests.benchmarks.raw_limit", "100"]
    with (folder / "raw.log").open("wb") as log:
        raw = [subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=log) for _ in range(PROCESSES)]
    try:
        time.sleep(2)  # until both are up: they look for the first run all the time
        measure = drained([process.pid for process in raw], task, runs=RUNS, wake=lambda: None)
        assert [process.wait(10) for process in raw] == [0] * PROCESSES
    finally:
        for process in raw:
            process.kill()
            process.wait()
    forget_runs()
    return measure


def _plain_celery(log: Path) -> Measure:
    with plain_celery.producer_pool.acquire(block=True) as producer:
        for _ in range(MESSAGES):
            noop.apply_async(producer=producer)
    with celery_working("-c", str(PROCESSES), log=log) as worker:
        return consumed(worker.pid, messages=MESSAGES)
