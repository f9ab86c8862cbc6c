"""F22: clocks that are wrong, of hosts and of the database. F23, changing zones, is tests/unit/schedules/test_properties.py."""

import psycopg
import pytest

from tests.faults.checker import fire_delays, percentile, start_delays
from tests.faults.conftest import SceneOf
from tests.faults.histories import History
from tests.faults.platform import Platform
from tests.faults.results import Row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
WRONG = ("+86400", "-3600", "x1.25")
APART = "orchestrator_clock_skew_seconds"
MOST_UNDER_KEY = 3

# All names but the catalogue's own are looked up first here, so that the programs ask this clock.
CLOCK = """
CREATE SCHEMA wrong;
CREATE TABLE wrong.step (ahead interval NOT NULL);
INSERT INTO wrong.step VALUES ('0');
CREATE FUNCTION wrong.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT pg_catalog.clock_timestamp() + ahead FROM wrong.step';
ALTER DATABASE ordinaut SET search_path = wrong, pg_catalog, public;
"""


@pytest.mark.fault("F22", f"host clocks {', '.join(WRONG)} of three beats and three workers")
def test_wrong_clocks_of_hosts_fire_nothing_early_and_are_told_of(scene_of: SceneOf, row: Row) -> None:
    with scene_of(beats=0, workers=0, rate=40) as scene:
        for clock in WRONG:
            scene.platform.start("beat", FAULTS_CLOCK=clock)
            scene.platform.start("worker", FAULTS_CLOCK=clock)
        scene.platform.wait_until_ready()
        few = scene.load.add_task(limited(), schedule_kind="event", schedule_expr="load.pure", **under_key())
        scene.under_load(seconds=30)
        told = [beat.log.count("clocks of this host and the database are") for beat in scene.platform.beats]
        seen = scene.platform.api.metric(APART)
        history = scene.settled()

    row.measure("earliest fire", fire_delays(history)[0], unit="s after its instant", at_least=-1)
    row.measure("earliest start", start_delays(history)[0], unit="s after it was due", at_least=-1)
    row.measure("start delay p99", percentile(start_delays(history), 99), unit="s", at_most=7)
    row.measure("instants", len(fire_delays(history)), at_least=50)
    row.measure("at once under a key", most_at_once(history, few["id"]), at_most=MOST_UNDER_KEY)
    row.measure("wrong clocks told of", sum(map(bool, told)), at_least=len(WRONG))
    row.measure("skew by the metric", abs(seen), unit="s", at_least=5)
    row.judge(history)


@pytest.mark.fault("F22", "the database's clock steps 10 min ahead (emulated: clock_timestamp of a schema in front)")
def test_a_step_of_the_databases_clock_takes_leases_but_doubles_nothing(scene_of: SceneOf, row: Row) -> None:
    with scene_of(before=with_clock_of_ours) as scene:
        scene.effects.behave("/effect", delay=0.5)
        few = scene.load.add_task(limited(), schedule_kind="event", schedule_expr="load.pure", **under_key())
        scene.under_load(seconds=5)
        set_ahead(scene.platform, "10 min")
        scene.go_on(10)
        told = [beat.log.count("Nothing is planned until they agree") for beat in scene.platform.beats]
        set_ahead(scene.platform, "0")
        scene.go_on(5)
        history = scene.settled()

    row.measure("beats that told of it", sum(map(bool, told)), at_least=2)
    row.measure("at once under a key", most_at_once(history, few["id"]), at_most=MOST_UNDER_KEY)
    row.measure("leases lost", sum(attempt.outcome == "lost" for attempt in history.attempts))
    row.judge(history)


def limited() -> list[dict[str, object]]:
    return [{"id": "nap", "uses": "system.sleep", "with": {"seconds": 1}}]


def under_key() -> dict[str, object]:
    return {"concurrency_key": "few", "concurrency_limit": MOST_UNDER_KEY, "timeout_seconds": 60}


def most_at_once(history: History, task: str) -> int:
    """How many runs of the task held a lease at one moment."""
    ours = {run.id for run in history.runs if run.task == task}
    leases = [each for each in history.attempts if each.run in ours]
    steps = sorted([(each.finished_at, -1) for each in leases] + [(each.started_at, 1) for each in leases])
    most = now = 0
    for _, step in steps:
        now += step
        most = max(most, now)
    return most


def with_clock_of_ours(platform: Platform) -> dict[str, str]:
    with psycopg.connect(platform.database_url) as connection:
        connection.execute(CLOCK)
    return {}


def set_ahead(platform: Platform, ahead: str) -> None:
    with psycopg.connect(platform.database_url) as connection:
        connection.execute("UPDATE wrong.step SET ahead = %s", [ahead])
