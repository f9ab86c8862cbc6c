"""How soon does a single run begin when nothing else is to be done, beside a task of plain Celery?

Every run is asked for when the worker has been idle for some tenths of a second, and begins with its claim. Asked for by the
service, in this process, its commit is noted by the first hook that is called after it. Asked for through the API, of a web
process, three moments are: when the database made its row (so that the commit counts, too), before the request, and its answer.
Celery's task notes the time at which it begins. All clocks are this machine's.
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
from uuid import UUID

import pytest
from django.db import transaction

from tasks_app.api import tokens
from tasks_app.models import Run, Task
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
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
        committed = _by_service(task)
        made, asked, answered = _by_api(task, port)
    with celery_working("-c", "2", "--without-gossip", log=tmp_path / "celery.log"):
        sent, returned = _celery()
    print(f"\nUntil a single run begins, {SAMPLES} of each, ms (below 0: before it):")
    print(f"  {'':44}{'p50':>8}{'p95':>8}{'max':>8}")
    for title, seconds in (
        ("worker, from the commit", committed),
        ("worker, by API, from the run's row", made),
        ("worker, by API, from before the request", asked),
        ("worker, by API, from the answer", answered),
        ("plain Celery, from before apply_async", sent),
        ("plain Celery, from when that returned", returned),
    ):
        p50, p95 = _percentiles(seconds)
        print(f"  {title:44}{p50 * 1000:>8.1f}{p95 * 1000:>8.1f}{max(seconds) * 1000:>8.1f}")
    print()
    p50, p95 = _percentiles(committed)
    assert p50 < 0.005
    assert p95 < 0.015


def _by_service(task: Task) -> list[float]:
    """Seconds from the commit to the claim."""
    commits: dict[UUID, float] = {}
    for number in range(SAMPLES + _WARM_UP):
        moments: list[float] = []
        with transaction.atomic():
            transaction.on_commit(lambda noted=moments: noted.append(time.time()))
            run = tasks.run_now(task, actor=SYSTEM)
        if number >= _WARM_UP:
            commits[run.pk] = moments[0]
        time.sleep(random.uniform(*PAUSE))
    return [claimed - commits[run] for run, claimed in _claims(list(commits)).items()]


def _by_api(task: Task, port: int) -> tuple[list[float], list[float], list[float]]:
    """Seconds to the claim: from the run's row, from before the request, and from its answer."""
    headers = {"Authorization": f"Bearer {tokens.issue(task.created_by)}", "Content-Type": "application/json"}
    moments: dict[UUID, tuple[float, float]] = {}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        for number in range(SAMPLES + _WARM_UP):
            before = time.time()
            client.request("POST", f"/api/v1/tasks/{task.pk}/run_now", b"{}", headers)
            response = client.getresponse()
            after = time.time()
            answer = json.loads(response.read())
            assert response.status < 300, answer
            if number >= _WARM_UP:
                moments[UUID(answer["id"])] = before, after
            time.sleep(random.uniform(*PAUSE))
    claims = _claims(list(moments))
    rows = {run.pk: run.run_at.timestamp() for run in Run.objects.filter(pk__in=claims)}
    return (
        [claimed - rows[run] for run, claimed in claims.items()],
        [claimed - moments[run][0] for run, claimed in claims.items()],
        [claimed - moments[run][1] for run, claimed in claims.items()],
    )


def _claims(runs: list[UUID]) -> dict[UUID, float]:
    """When each was claimed, in seconds since 1970."""
    wait_for(all_ended)
    found = Run.objects.filter(pk__in=runs, state="succeeded", attempt=1)
    claims = {run.pk: run.claimed_at.timestamp() for run in found if run.claimed_at}
    assert len(claims) == len(runs)
    return claims


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
