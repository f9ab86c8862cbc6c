"""F7 and F8: beats that die, and a time without any."""

import random
from datetime import UTC, datetime

import psycopg
import pytest

from tests.faults.checker import fire_delays, percentile
from tests.faults.conftest import SceneOf
from tests.faults.histories import History, Run
from tests.faults.load import Scheduled
from tests.faults.platform import Platform
from tests.faults.results import Row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
KILLS = 10
OUTAGE = 75  # seconds: `skip` takes an instant as missed after 60
DUTIES = 8  # a beat that has more threads is at work


@pytest.mark.fault("F7", f"three beats, {KILLS} times SIGKILL to one of them")
def test_beats_that_are_killed_miss_and_double_no_instant_and_are_not_late(
    scene_of: SceneOf, row: Row, seed: int
) -> None:
    chance = random.Random(seed)
    with scene_of(beats=3, workers=1, rate=30, scheduled=60) as scene:
        scene.under_load(seconds=3)
        for _ in range(KILLS):
            victim = chance.choice(scene.platform.beats)
            victim.kill()
            scene.platform.start_again(victim)
            scene.go_on(chance.uniform(1, 3))
        history = scene.settled()

    row.measure("instants", len(fire_delays(history)), at_least=300)
    row.measure("fire delay p99", percentile(fire_delays(history), 99), unit="s", at_most=2)
    row.judge(history)


@pytest.mark.fault("F8", f"no beat for {OUTAGE} s")
def test_after_a_time_without_beats_each_misfire_policy_has_its_way(scene_of: SceneOf, row: Row) -> None:
    with scene_of(beats=2) as scene:
        every, latest, skip = (scene.load.add_scheduled(2, misfire_policy=name) for name in ("all", "latest", "skip"))
        scene.under_load(seconds=5)
        stopped_at = [beat.kill() for beat in scene.platform.beats][-1]
        scene.go_on(OUTAGE)
        started_at = datetime.now(UTC)
        for beat in scene.platform.beats:
            scene.platform.start_again(beat)
        scene.platform.until(lambda: any(beat.threads > DUTIES for beat in scene.platform.beats))
        back_at = datetime.now(UTC)
        scene.platform.until(lambda: planned(scene.platform, since=started_at))
        scene.go_on(5)
        history = scene.settled()

    caught_up = min(run.created_at for run in history.scheduled_runs if run.created_at > started_at)
    row.measure("beats took to start", (back_at - started_at).total_seconds(), unit="s")
    row.measure("first catch-up after", (caught_up - back_at).total_seconds(), unit="s", at_most=10)
    row.measure("missed instants run by `all`", len(missed(history, every, stopped_at, back_at)), at_least=30)
    row.measure("by `latest`", len(missed(history, latest, stopped_at, back_at)), at_most=2)
    oldest = max(run.created_at - run.scheduled_for for run in of(history, skip) if run.scheduled_for)
    row.measure("the latest run by `skip`", oldest.total_seconds(), unit="s after its instant", at_most=61)
    row.judge(history)


def of(history: History, scheduled: Scheduled) -> list[Run]:
    return [run for run in history.runs if run.task == scheduled.task]


def missed(history: History, scheduled: Scheduled, since: datetime, until: datetime) -> list[Run]:
    """The runs of the instants that passed while there was no beat."""
    return [run for run in of(history, scheduled) if run.scheduled_for and since < run.scheduled_for < until]


def planned(platform: Platform, *, since: datetime) -> bool:
    """Whether a run of a schedule has been planned."""
    with psycopg.connect(platform.database_url) as connection:
        sql = "SELECT FROM tasks_run WHERE trigger = 'schedule' AND created_at > %s LIMIT 1"
        return connection.execute(sql, [since]).fetchone() is not None
