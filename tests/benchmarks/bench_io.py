"""How many runs a second that only wait 50 ms, for an HTTP server or for nothing, beside Celery with fifty threads?

The worker has two processes and as many threads in each as it has by default. Celery has one process with fifty threads, as
its documentation has it for work that waits, and calls the same server with the same client library, over connections that
it keeps; the platform opens one for every call, to an address that it has checked. The ideal is what the threads could do if
nothing but the wait took time.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tasks_app.conf import conf
from tasks_app.events import wakeup
from tests.benchmarks.measuring import Measure, celery_working, consumed, drained, forget_runs, working
from tests.benchmarks.peers.plain_celery import app as plain_celery
from tests.benchmarks.peers.plain_celery import call, nap
from tests.benchmarks.waiting import WaitingServer, call_of, waiting_server
from tests.making import make_task

RUNS = int(os.environ.get("BENCH_IO_RUNS", "20000"))
MESSAGES = int(os.environ.get("BENCH_IO_MESSAGES", "5000"))
ROUNDS = int(os.environ.get("BENCH_IO_ROUNDS", "3"))
WAIT = 0.05  # seconds
PROCESSES = 2
CELERY_THREADS = 50

SLEEP = {"id": "sleep", "uses": "system.sleep", "with": {"seconds": WAIT}}
OURS_HTTP, OURS_SLEEP = "worker, http.request", "worker, system.sleep"
CELERY_HTTP, CELERY_SLEEP = "plain Celery, 50 threads, HTTP", "plain Celery, 50 threads, sleep"


@pytest.mark.timeout(1200)
@pytest.mark.django_db(transaction=True)
def test_runs_that_wait_beside_celery_with_fifty_threads(redis_emptied: None, tmp_path: Path) -> None:
    with waiting_server(WAIT) as server:
        spent = server.spent()
        contestants: dict[str, Callable[[], Measure]] = {
            OURS_HTTP: lambda: _worker(call_of(server), server, tmp_path),
            OURS_SLEEP: lambda: _worker(SLEEP, server, tmp_path),
            CELERY_HTTP: lambda: _celery(call, server.url, tmp_path),
            CELERY_SLEEP: lambda: _celery(nap, WAIT, tmp_path),
        }
        rounds = [{name: measure() for name, measure in contestants.items()} for _ in range(ROUNDS)]
        served = (server.spent() - spent) / (ROUNDS * (RUNS + MESSAGES)) * 1e6
    measures = {name: Measure.median_of([each[name] for each in rounds]) for name in contestants}
    http = measures[OURS_HTTP].per_second / measures[CELERY_HTTP].per_second
    sleep = measures[OURS_SLEEP].per_second / measures[CELERY_SLEEP].per_second
    _tell(measures)
    print(f"  worker : Celery, HTTP {http:.1f} : 1, without HTTP {sleep:.1f} : 1")
    print(f"  beside it the server took {served:.0f} us of the processors for each call\n")
    assert sleep >= 4
    assert http >= 2  # where most of the time goes into the calls themselves


def _tell(measures: dict[str, Measure]) -> None:
    ideals = {True: PROCESSES * conf().worker_threads / WAIT, False: CELERY_THREADS / WAIT}
    print(f"\nRuns of one step that waits {WAIT * 1000:.0f} ms, median of {ROUNDS}:")
    print(f"  {'':36}{'a second':>10}{'CPU us each':>13}{'of the ideal':>14}")
    for name, measure in measures.items():
        ideal = ideals[name in (OURS_HTTP, OURS_SLEEP)]
        print(f"  {name:36}{measure.per_second:>10,.0f}{measure.cpu:>13.0f}{measure.per_second / ideal:>14.0%}")


def _worker(step: dict[str, Any], server: WaitingServer, folder: Path) -> Measure:
    task = make_task(payload={"pipeline": [step]})
    allowed = {"ORDINAUT_HTTP_ALLOW": server.address}
    with working(task, processes=PROCESSES, log=folder / "worker.log", **allowed) as worker:
        measure = drained([worker.pid], task, runs=RUNS, wake=wakeup.send)
    forget_runs()
    return measure


def _celery(task: Any, argument: Any, folder: Path) -> Measure:
    with plain_celery.producer_pool.acquire(block=True) as producer:
        for _ in range(MESSAGES):
            task.apply_async([argument], producer=producer)
    with celery_working("-P", "threads", "-c", str(CELERY_THREADS), log=folder / "celery.log") as worker:
        return consumed(worker.pid, messages=MESSAGES)
