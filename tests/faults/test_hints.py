"""F20 and F21: the broker's messages, which are only hints, are all lost or come ten times."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis

from tests.faults.checker import percentile, start_delays
from tests.faults.conftest import SceneOf
from tests.faults.platform import Platform
from tests.faults.results import Row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
QUEUE = "ordinaut"  # where the platform sends its hints
COPIES = 10


@pytest.mark.fault("F20", "every hint is lost")
def test_without_any_hint_runs_begin_within_seven_seconds(scene_of: SceneOf, row: Row) -> None:
    with scene_of(worker_options=("-Q", "a queue of their own")) as scene:
        scene.under_load(seconds=20)
        history = scene.settled()
        with redis.Redis.from_url(scene.platform.redis_url) as client:
            undelivered = client.llen(QUEUE)

    row.measure("hints lost", undelivered, at_least=1)
    row.measure("start delay p99", percentile(start_delays(history), 99), unit="s", at_most=7)
    row.judge(history)


@pytest.mark.fault("F21", f"every hint comes {COPIES} times")
def test_hints_that_come_ten_times_start_no_run_twice(scene_of: SceneOf, row: Row) -> None:
    with scene_of(worker_options=("-Q", "copies")) as scene, copying(scene.platform) as copied:
        scene.under_load(seconds=20)
        history = scene.settled()

    row.measure("hints delivered", COPIES * len(copied), at_least=COPIES)
    row.measure("executions of one run", max(run.attempt for run in history.runs), at_most=1)
    row.judge(history)


@contextmanager
def copying(platform: Platform) -> Iterator[list[bytes]]:
    """Deliver each hint ten times to the queue that the workers listen to; the list holds those delivered so far."""
    delivered: list[bytes] = []
    ended = threading.Event()

    def copy() -> None:
        with redis.Redis.from_url(platform.redis_url) as client:
            while not ended.is_set():
                if popped := client.brpop([QUEUE], timeout=0.2):
                    client.lpush("copies", *[popped[1]] * COPIES)
                    delivered.append(popped[1])

    thread = threading.Thread(target=copy, daemon=True)
    thread.start()
    try:
        yield delivered
    finally:
        ended.set()
        thread.join()
