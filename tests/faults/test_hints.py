"""F20 and F21: the hints that wake workers are all lost, or come ten times."""

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
BELL = "ordinaut:bell"  # the list in which the platform leaves its hints
COPIES = 10


@pytest.mark.fault("F20", "every hint is lost")
def test_without_any_hint_runs_begin_within_seven_seconds(scene_of: SceneOf, row: Row) -> None:
    with scene_of() as scene, redis.Redis.from_url(scene.platform.redis_url) as client:
        client.execute_command("ACL", "SETUSER", "default", "-blpop")  # workers that wait for a hint are turned away
        scene.under_load(seconds=20)
        history = scene.settled()
        undelivered = client.llen(BELL)

    row.measure("hints lost", undelivered, at_least=1)
    row.measure("start delay p99", percentile(start_delays(history), 99), unit="s", at_most=7)
    row.judge(history)


@pytest.mark.fault("F21", f"every hint comes {COPIES} times")
def test_hints_that_come_ten_times_start_no_run_twice(scene_of: SceneOf, row: Row) -> None:
    with scene_of() as scene, copying(scene.platform) as copied:
        scene.under_load(seconds=20)
        history = scene.settled()

    row.measure("hints delivered", COPIES * len(copied), at_least=COPIES)
    row.measure("executions of one run", max(run.attempt for run in history.runs), at_most=1)
    row.judge(history)


@contextmanager
def copying(platform: Platform) -> Iterator[list[str]]:
    """Add nine copies to each hint that is left; the list holds those that were copied so far."""
    copied: list[str] = []
    ended = threading.Event()

    def copy() -> None:
        with (
            redis.Redis.from_url(platform.redis_url) as client,
            redis.Redis.from_url(platform.redis_url, socket_timeout=0.2).monitor() as monitor,
        ):
            while not ended.is_set():
                try:
                    command = monitor.next_command()["command"]
                except redis.TimeoutError:
                    continue
                if command.startswith(f"LPUSH {BELL} "):
                    client.rpush(BELL, *[1] * (COPIES - 1))
                    copied.append(command)

    thread = threading.Thread(target=copy, daemon=True)
    thread.start()
    try:
        yield copied
    finally:
        ended.set()
        thread.join()
