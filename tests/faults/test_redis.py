"""F9, F11, F12, F13: Redis restarts, is away, does not answer, takes nothing in. Only wake-ups and the stream hang on it."""

from datetime import UTC, datetime

import pytest
import redis

from tests.faults.checker import start_delays
from tests.faults.conftest import SceneOf
from tests.faults.histories import History
from tests.faults.measures import all_live_on, answered_within, planned_in, rounds, seconds_of, throughput
from tests.faults.results import Row
from tests.faults.scene import Scene

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
RESTARTS = rounds(3)
AWAY = seconds_of("REDIS_AWAY", 60)
SILENT = seconds_of("REDIS_SILENT", 30)
FULL = seconds_of("REDIS_FULL", 20)
BEFORE = 10  # seconds of load to compare with
API_SLOWER = 0.2


@pytest.mark.fault("F9", f"Redis restarts {RESTARTS} times, every other time by SIGKILL")
def test_runs_begin_within_ten_seconds_whenever_redis_restarts(scene_of: SceneOf, row: Row) -> None:
    with scene_of() as scene:
        scene.under_load(seconds=3)
        for number in range(RESTARTS):
            if number % 2:
                scene.platform.redis.kill()
            else:
                scene.platform.redis.stop()
            scene.platform.start_redis()
            scene.go_on(5)
        history = scene.settled()
        all_live_on(row, scene.platform)

    row.measure("start delay, the longest", start_delays(history)[-1], unit="s", at_most=10)
    row.judge(history)


@pytest.mark.fault("F11", f"Redis is away for {AWAY:g} s")
def test_without_redis_runs_go_on_by_polling(scene_of: SceneOf, row: Row) -> None:
    with scene_of() as scene:
        scene.under_load(seconds=3)
        begun = datetime.now(UTC)
        scene.go_on(BEFORE)
        scene.platform.redis.stop()
        gone = datetime.now(UTC)
        scene.go_on(AWAY)
        back = datetime.now(UTC)
        scene.platform.start_redis()
        scene.go_on(5)
        history = scene.settled()

    share = throughput(history, gone, back) / throughput(history, begun, gone)
    row.measure("throughput meanwhile", 100 * share, unit="%", at_least=50)
    judge_api_and_delays(row, history, begun, gone, back)


@pytest.mark.fault("F12", f"Redis takes in everything and answers nothing for {SILENT:g} s")
def test_a_redis_that_does_not_answer_delays_neither_runs_nor_the_api(scene_of: SceneOf, row: Row) -> None:
    with scene_of(proxied=["redis"]) as scene:
        scene.under_load(seconds=3)
        begun = datetime.now(UTC)
        scene.go_on(BEFORE)
        scene.proxies["redis"].swallow()
        silent = datetime.now(UTC)
        scene.go_on(SILENT)
        back = datetime.now(UTC)
        scene.proxies["redis"].pass_on()
        scene.go_on(5)
        history = scene.settled()

    judge_api_and_delays(row, history, begun, silent, back)


@pytest.mark.fault("F13", f"Redis is full for {FULL:g} s")
def test_a_full_redis_loses_nothing_and_is_told_of(scene_of: SceneOf, row: Row) -> None:
    with scene_of() as scene:
        judge_without_writes(scene, row, ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"))


@pytest.mark.fault("F13", f"Redis is a read-only replica for {FULL:g} s")
def test_a_redis_that_has_become_a_replica_loses_nothing_and_is_told_of(scene_of: SceneOf, row: Row) -> None:
    with scene_of() as scene:
        judge_without_writes(scene, row, ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"))


def judge_without_writes(scene: Scene, row: Row, commands: tuple[str, str]) -> None:
    """Redis refuses every write between the two commands."""
    scene.under_load(seconds=3)
    begun = datetime.now(UTC)
    scene.go_on(BEFORE)
    command(scene, commands[0])
    refusing = datetime.now(UTC)
    scene.go_on(FULL)
    told = scene.platform.api.must("GET", "/health/detailed")["late_seconds"]["relay"]
    back = datetime.now(UTC)
    command(scene, commands[1])
    scene.go_on(5)
    history = scene.settled()
    all_live_on(row, scene.platform)

    row.measure("the relay's lateness as it was told", told, unit="s", at_least=FULL / 2)
    judge_api_and_delays(row, history, begun, refusing, back)


def judge_api_and_delays(row: Row, history: History, begun: datetime, since: datetime, until: datetime) -> None:
    """The fault lasted from `since` to `until`; before it, from `begun`, all was well."""
    for percent in (95, 99):
        before, meanwhile = (answered_within(history, percent, *time) for time in ((begun, since), (since, until)))
        row.measure(f"API p{percent}", meanwhile, unit="s")
        row.measure(f"API p{percent} slower by", meanwhile - before, unit="s", at_most=API_SLOWER)
    delays = start_delays(history, planned_in(history, since, until))
    row.measure("start delay, the longest", max(delays, default=float("inf")), unit="s", at_most=10)
    row.judge(history)


def command(scene: Scene, words: str) -> None:
    with redis.Redis.from_url(scene.platform.redis_url) as client:
        client.execute_command(*words.split())
