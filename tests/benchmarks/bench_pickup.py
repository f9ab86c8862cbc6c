"""How soon does a single run begin when nothing else is to be done, beside a task of plain Celery?

A run is asked for through the API, from a web process of its own, of a worker that has been idle for some tenths of a second.
By the database's clock: from the moment that the transaction of the request gives the run (before its commit, so that what is
told is a little too long) to its claim, which is when its first step begins. By this machine's clock: from before the
request, and from its answer. Celery's task notes the time at which it begins.
"""

import http.client
import json
import os
import random
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import quantiles

import pytest

from tasks_app.api import tokens
from tasks_app.models import Run, Task
from tests.benchmarks.measuring import all_ended, celery_working, working
from tests.benchmarks.peers.plain_celery import STARTS, starts, tell_start
from tests.benchmarks.processes import running, wait_for
from tests.making import make_agent, make_task

SAMPLES = int(os.environ.get("BENCH_PICKUPS", "200"))
PAUSE = (0.05, 0.25)  # seconds between two
_WARM_UP = 10


@pytest.mark.django_db(transaction=True)
def test_a_run_begins_at_once_beside_plain_celery(redis_emptied: None, tmp_path: Path) -> None:
    task = make_task(created_by=make_agent(scopes=("tasks:read", "tasks:update", "runs:write")))
    with working(task, processes=2, log=tmp_path / "worker.log"), _web(tmp_path / "web.log") as port:
        committed, asked, answered = _ours(task, port)
    with celery_working("-c", "2", "--without-gossip", log=tmp_path / "celery.log"):
        sent, returned = _celery()
    print(f"\nUntil a single run begins, {SAMPLES} of each, ms:")
    print(f"  {'':44}{'p50':>8}{'p95':>8}{'max':>8}")
    for title, seconds in (
        ("worker, from the run's row to its claim", committed),
        ("worker, from before the request", asked),
        ("worker, from the answer (below 0: before it)", answered),
        ("plain Celery, from before apply_async", sent),
        ("plain Celery, from when that returned", returned),
    ):
        p50, p95 = _percentiles(seconds)
        print(f"  {title:44}{p50 * 1000:>8.1f}{p95 * 1000:>8.1f}{max(seconds) * 1000:>8.1f}")
    print()
    p50, p95 = _percentiles(committed)
    assert p50 < 0.005
    assert p95 < 0.015


def _ours(task: Task, port: int) -> tuple[list[float], list[float], list[float]]:
    """Seconds to the claim: from the run's row, from before the request, and from its answer."""
    headers = {"Authorization": f"Bearer {tokens.issue(task.created_by)}", "Content-Type": "application/json"}
    moments: dict[str, tuple[float, float]] = {}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        for number in range(SAMPLES + _WARM_UP):
            before = time.time()
            client.request("POST", f"/api/v1/tasks/{task.pk}/run_now", b"{}", headers)
            response = client.getresponse()
            after = time.time()
            answer = json.loads(response.read())
            assert response.status < 300, answer
            if number >= _WARM_UP:
                moments[answer["id"]] = before, after
            time.sleep(random.uniform(*PAUSE))
    wait_for(all_ended)
    runs = list(Run.objects.filter(pk__in=moments))
    claimed = [(run.claimed_at.timestamp(), *moments[str(run.pk)]) for run in runs if run.claimed_at]
    assert len(claimed) == SAMPLES
    committed = [(run.claimed_at - run.run_at).total_seconds() for run in runs if run.claimed_at]
    return committed, [at - before for at, before, _ in claimed], [at - after for at, _, after in claimed]


def _celery() -> tuple[list[float], list[float]]:
    """Seconds to a task's start: from before `apply_async`, and from when it returned."""
    sent, returned = [], []
    for number in range(SAMPLES + _WARM_UP):
        before = time.time()
        tell_start.apply_async()
        after = time.time()
        told = starts().blpop([STARTS], timeout=60)
        assert told is not None, "no start was told"
        if number >= _WARM_UP:
            sent.append(float(told[1]) - before)
            returned.append(float(told[1]) - after)
        time.sleep(random.uniform(*PAUSE))
    return sent, returned


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    cuts = quantiles(seconds, n=20)
    return cuts[9], cuts[18]


@contextmanager
def _web(log: Path) -> Iterator[int]:
    """The port of a web process, as `make up` starts it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ("uvicorn", "ordinaut_site.asgi:application", "--port", str(port), "--lifespan", "off", "--no-access-log")
    more = {"PORT": str(port), "ORDINAUT_DATABASE_POOL": "10"}
    with running(*command, log=log, more=more):
        wait_for(lambda: _answers(port), seconds=60)
        yield port


def _answers(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as client:
        try:
            client.request("GET", "/health/live")
            return client.getresponse().status == 200
        except OSError:
            return False
