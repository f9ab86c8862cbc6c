"""Does a worker's process grow with what it has done? Its memory after each fifth of 100,000 runs, and of fewer that call."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tasks_app.events import wakeup
from tasks_app.models import Task
from tests.benchmarks.bench_drain import THREE_PURE_STEPS
from tests.benchmarks.measuring import drained, forget_runs, working
from tests.benchmarks.waiting import call_of, waiting_server
from tests.making import make_task

RUNS = int(os.environ.get("BENCH_MEMORY_RUNS", "100000"))
CALLS = int(os.environ.get("BENCH_MEMORY_CALLS", "15000"))
PARTS = 5
MOST_GROWTH = 0.05  # after the first part, in which everything is loaded and every thread is made


@pytest.mark.timeout(1200)
@pytest.mark.django_db(transaction=True)
def test_a_worker_does_not_grow(redis_emptied: None, tmp_path: Path) -> None:
    with waiting_server(0.01) as server:
        allowed = {"ORDINAUT_HTTP_ALLOW": server.address}
        pure, calling = make_task(payload=THREE_PURE_STEPS), make_task(payload={"pipeline": [call_of(server)]})
        with working(pure, processes=1, log=tmp_path / "worker.log", **allowed) as worker:
            of_pure = list(_memory(worker, pure, runs=RUNS))
            of_calls = list(_memory(worker, calling, runs=CALLS))
    print(f"\nMemory of one worker process, MiB, after each of {PARTS} parts:")
    growths = [_growth(f"{RUNS:,} runs of three pure steps", of_pure), _growth(f"{CALLS:,} runs that call", of_calls)]
    print()
    assert max(growths) < MOST_GROWTH


def _memory(worker: psutil.Process, task: Task, *, runs: int) -> Iterator[float]:
    """Resident MiB of the only process of its pool, which stays the same one."""
    [child] = worker.children()
    for _ in range(PARTS):
        drained([worker.pid], task, runs=runs // PARTS, wake=wakeup.send)
        forget_runs()
        yield child.memory_info().rss / 2**20


def _growth(title: str, megabytes: list[float]) -> float:
    growth = megabytes[-1] / megabytes[0] - 1
    figures = "".join(f"{each:>8.1f}" for each in megabytes)
    print(f"  {title:36}{figures}   {growth:+.1%} since the first")
    return growth
