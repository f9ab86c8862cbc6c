"""F10 and F14: Redis forgets everything, or the last two seconds. The stream is made whole from Postgres."""

import shutil
import subprocess
import time
from pathlib import Path

import psycopg
import pytest
import redis

from tests.faults.checker import start_delays
from tests.faults.conftest import SceneOf
from tests.faults.histories import STREAM
from tests.faults.measures import rounds
from tests.faults.platform import Platform
from tests.faults.results import Row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
FLUSHES = rounds(4)
LOST = 2  # seconds


@pytest.mark.fault("F10", f"FLUSHALL every 5 s, {FLUSHES} times")
def test_a_stream_that_was_flushed_is_whole_within_30_seconds(scene_of: SceneOf, row: Row) -> None:
    with scene_of() as scene:
        scene.under_load(seconds=3)
        with redis.Redis.from_url(scene.platform.redis_url) as client:
            for _ in range(FLUSHES):
                scene.go_on(5)
                client.flushall()
        whole_after = seconds_until_whole(scene.platform)
        history = scene.settled()

    row.measure("whole after the last", whole_after, unit="s", at_most=30)
    row.measure("start delay, the longest", start_delays(history)[-1], unit="s", at_most=10)
    row.judge(history)


@pytest.mark.fault("F14", f"Redis comes back without its last {LOST} s")
def test_a_hole_at_the_end_of_the_stream_is_refilled_within_30_seconds(scene_of: SceneOf, row: Row) -> None:
    with scene_of() as scene:
        scene.under_load(seconds=5)
        older = copy_of_redis(scene.platform)
        scene.go_on(LOST)
        newest = newest_in_stream(scene.platform)
        scene.platform.redis.kill()
        shutil.rmtree(scene.platform.home / "redis")
        older.rename(scene.platform.home / "redis")
        scene.platform.start_redis()
        lost = newest - newest_in_stream(scene.platform)
        whole_after = seconds_until_whole(scene.platform)
        history = scene.settled()

    row.measure("events lost", lost, at_least=1)
    row.measure("refilled after", whole_after, unit="s", at_most=30)
    row.judge(history)


def copy_of_redis(platform: Platform) -> Path:
    """Its data as they are now: its log is written with each command."""
    copy = platform.home / "redis.older"
    # The folder may belong to the account that root steps down to.
    subprocess.run(["cp", "-a", str(platform.home / "redis"), str(copy)], check=True)
    return copy


def newest_in_stream(platform: Platform) -> int:
    with redis.Redis.from_url(platform.redis_url, decode_responses=True) as client:
        newest = client.xrevrange(STREAM, count=1)
    return int(newest[0][0].partition("-")[0]) if newest else 0


def seconds_until_whole(platform: Platform) -> float:
    """Until every event that is numbered now is on the stream."""
    begun = time.monotonic()
    with psycopg.connect(platform.database_url) as connection:
        [numbered] = connection.execute("SELECT max(pos + size - 1) FROM tasks_outboxentry").fetchone() or (0,)
    platform.until(lambda: newest_in_stream(platform) >= numbered)
    return time.monotonic() - begun
