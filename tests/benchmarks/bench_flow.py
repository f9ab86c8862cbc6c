"""How long do steps side by side take in one run, and the items of a foreach, beside the same calls from bare threads?

The worker has one process. Every call is recorded before the next step may see it; the bare threads keep nothing. They call the
same server with the same client library, over a connection of its own for each call, as the platform does.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import httpx2
import pytest

from tasks_app.events import wakeup
from tasks_app.models import Run, Task
from tests.benchmarks.measuring import all_ended, working
from tests.benchmarks.processes import wait_for
from tests.benchmarks.waiting import waiting_server
from tests.making import make_run, make_task

ROUNDS = 7
BRANCHES, WAIT = 50, 0.1  # steps side by side, seconds that each call waits
ITEMS, WORKERS = 1_000, 10


@pytest.mark.timeout(600)
@pytest.mark.django_db(transaction=True)
def test_fifty_calls_side_by_side_take_little_more_than_one(redis_emptied: None, tmp_path: Path) -> None:
    with waiting_server(WAIT) as server:
        step = {"uses": "http.request", "with": {"url": server.url}, "parallel_group": "calls"}
        task = make_task(payload={"pipeline": [step] * BRANCHES}, max_retries=0)
        ours = _of_worker(task, tmp_path, allow=server.address)
        bare = median(_bare(server.url, calls=BRANCHES, threads=BRANCHES) for _ in range(ROUNDS))
    print(f"\n{BRANCHES} calls of {WAIT * 1000:.0f} ms side by side in one run, median of {ROUNDS}:")
    _tell(ours, bare)
    assert ours < 0.4


@pytest.mark.timeout(600)
@pytest.mark.django_db(transaction=True)
def test_a_thousand_items_beside_a_thousand_calls(redis_emptied: None, tmp_path: Path) -> None:
    with waiting_server(0) as server:
        call = {"id": "call", "uses": "http.request", "with": {"url": server.url + "?n=${item}"}}
        calls = _of_worker(_foreach(call, concurrency=WORKERS), tmp_path, allow=server.address)
        pure = _of_worker(_foreach({"uses": "debug.echo", "with": {"n": "${item}"}}), tmp_path)
        bare = median(_bare(server.url, calls=ITEMS, threads=WORKERS) for _ in range(ROUNDS))
    print(f"\npipeline.foreach over {ITEMS:,} items, median of {ROUNDS}:")
    print(f"  one pure step an item: {pure:.3f} s, {pure / ITEMS * 1e6:,.0f} us each")
    print(f"  one HTTP call an item, {WORKERS} at a time, each recorded:")
    _tell(calls, bare)
    assert calls < 20 * bare


def _foreach(step: dict[str, Any], **how: Any) -> Task:
    each = {"uses": "pipeline.foreach", "with": {"items": list(range(ITEMS)), "body": [step], **how}}
    return make_task(payload={"pipeline": [each]}, max_retries=0)


def _tell(ours: float, bare: float) -> None:
    print(f"  {'worker':14}{ours * 1000:>9,.0f} ms")
    print(f"  {'bare threads':14}{bare * 1000:>9,.0f} ms")
    print(f"  worker : bare threads {ours / bare:.1f} : 1\n")


def _of_worker(task: Task, folder: Path, *, allow: str = "127.0.0.1:1") -> float:
    """The median time of a run, from its claim to its end, by the database's clock."""
    with working(task, processes=1, log=folder / "worker.log", ORDINAUT_HTTP_ALLOW=allow):
        return median(_took(task) for _ in range(ROUNDS))


def _took(task: Task) -> float:
    run = make_run(task)
    wakeup.send()
    wait_for(all_ended)
    ended = Run.objects.get(pk=run.pk)
    assert ended.state == "succeeded", ended.error
    assert ended.claimed_at
    assert ended.finished_at
    return (ended.finished_at - ended.claimed_at).total_seconds()


def _bare(url: str, *, calls: int, threads: int) -> float:
    def call(_number: int) -> None:
        with httpx2.Client(trust_env=False, verify=False) as client:  # reading certificates would take longer
            client.get(url).raise_for_status()

    return _seconds(lambda: _all(call, calls, threads))


def _all(call: Callable[[int], None], calls: int, threads: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(call, range(calls)))


def _seconds(work: Callable[[], None]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun
