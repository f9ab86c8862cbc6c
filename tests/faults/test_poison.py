"""F5: a run that kills whatever process it is given to."""

import pytest

from tests.faults.checker import percentile, start_delays
from tests.faults.conftest import SceneOf
from tests.faults.load import effects_pipeline
from tests.faults.results import Row
from tests.faults.test_workers import SHORT_LEASE

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
POLL = 2.0  # seconds that a hint costs which dies with a worker: the others' longest poll
LONG = 4.0  # seconds that an innocent's effect takes, so that it is under way when its process dies
INNOCENTS = 40


@pytest.mark.fault("F5", "a run that kills its worker, always")
def test_a_run_that_kills_its_workers_is_dead_after_three_and_the_others_are_well(scene_of: SceneOf, row: Row) -> None:
    with scene_of(workers=2, beats=1, rate=40, **SHORT_LEASE) as scene:
        scene.effects.behave("/effect", delay=0.3)
        scene.effects.behave("/poison", then=scene.effects.kill_caller)
        poison = scene.load.add_task(effects_pipeline(scene.effects, steps=1, path="/poison"))
        scene.under_load(seconds=3)
        before = set(scene.load.promised)
        poisoned = scene.load.run_now(poison["id"])
        scene.platform.until(lambda: scene.platform.api.must("GET", f"/api/v1/runs/{poisoned}")["status"] == "dead")
        history = scene.settled()

    others = [run for run in history.runs if run.id != poisoned]
    [dead] = [run for run in history.runs if run.id == poisoned]
    healthy = percentile(start_delays(history, before), 95)
    during = percentile(start_delays(history, {run.id for run in others} - before), 95)
    row.measure("workers that it killed", dead.losses, at_least=3, at_most=3)
    row.measure("others that did not succeed", sum(run.state != "succeeded" for run in others), at_most=0)
    row.measure("start p95 before", healthy, unit="s")
    row.measure("start p95 of the others", during, unit="s", at_most=max(2 * healthy, POLL))
    row.measure("workers lost by one of the others", max(run.losses for run in others))
    row.judge(history)


@pytest.mark.fault("F5", f"three such runs among {INNOCENTS} that hold effects of {LONG:g} s in the same processes")
def test_innocents_that_die_with_a_poison_again_and_again_are_never_given_up(scene_of: SceneOf, row: Row) -> None:
    with scene_of(workers=2, beats=1, rate=20, **SHORT_LEASE) as scene:
        scene.effects.behave("/long", delay=LONG)
        scene.effects.behave("/poison", delay=LONG / 2, then=scene.effects.kill_caller)
        long = scene.load.add_task(effects_pipeline(scene.effects, steps=2, path="/long"))
        poison = scene.load.add_task(effects_pipeline(scene.effects, steps=1, path="/poison"))
        scene.under_load(seconds=3)
        innocents, poisoned = [], []
        for nth in range(INNOCENTS):
            innocents.append(scene.load.run_now(long["id"]))
            if nth % 16 == 4:
                poisoned.append(scene.load.run_now(poison["id"]))
        state = scene.platform.api
        scene.platform.until(
            lambda: all(state.must("GET", f"/api/v1/runs/{run}")["status"] == "dead" for run in poisoned), seconds=150
        )
        history = scene.settled(seconds=150)

    runs = {run.id: run for run in history.runs}
    others = [run for run in history.runs if run.id not in poisoned]
    row.measure("innocents that lost a worker", sum(runs[run].losses > 0 for run in innocents), at_least=1)
    row.measure("workers lost by one innocent", max(run.losses for run in others), at_most=2)
    row.measure("others that did not succeed", sum(run.state != "succeeded" for run in others), at_most=0)
    row.measure("workers that a poison killed", max(runs[run].losses for run in poisoned), at_most=3)
    row.judge(history)
