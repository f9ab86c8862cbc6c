"""F1 to F4: workers that die or stand still in the middle of runs."""

import pytest

from tests.faults import histories
from tests.faults.checker import late_effects, resumed_after
from tests.faults.conftest import SceneOf
from tests.faults.histories import History
from tests.faults.load import effects_pipeline
from tests.faults.platform import Platform
from tests.faults.results import Row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
SHORT_LEASE = {"ORDINAUT_LEASE_SECONDS": "8", "ORDINAUT_HEARTBEAT_SECONDS": "1"}


def lost(history: History) -> set[str]:
    return {attempt.run for attempt in history.attempts if attempt.outcome == "lost"}


@pytest.mark.faults_short
@pytest.mark.fault("F1", "SIGKILL to a worker while HTTP calls are in flight")
def test_the_runs_of_a_killed_worker_go_on_within_40_seconds(scene_of: SceneOf, row: Row) -> None:
    with scene_of(workers=2) as scene:
        scene.effects.behave("/effect", delay=0.5)
        scene.under_load(seconds=3)
        held = scene.runs_held_by(scene.platform.workers[0].family())
        killed_at = scene.platform.workers[0].kill()
        scene.go_on(5)
        history = scene.settled()

    row.measure("runs in its hands", len(held & lost(history)), at_least=1)
    row.measure("resumed after", resumed_after(history, held & lost(history), since=killed_at), unit="s", at_most=40)
    row.judge(history)


def once(platform: Platform) -> dict[str, str]:
    return {"FAULTS_ONCE": str(platform.home / "once")}


@pytest.mark.faults_short
@pytest.mark.fault("F2", "SIGKILL between an effect and the record of it")
def test_an_effect_that_could_not_be_recorded_is_done_again_under_its_key(scene_of: SceneOf, row: Row) -> None:
    planted = {"FAULTS_TO_PLANT": "after_effect_before_checkpoint=kill:40"}
    with scene_of(workers=2, beats=1, before=once, **planted, **SHORT_LEASE) as scene:
        scene.under_load(seconds=3)
        scene.platform.until((scene.platform.home / "once").exists)
        history = scene.settled()

    again = [calls for calls in history.calls_of.values() if len({call.attempt for call in calls}) > 1]
    row.measure("effects done again", len(again), at_least=1)
    row.measure("keys of each", max(len({call.key for call in calls}) for calls in again), at_most=1)
    row.judge(history)


@pytest.mark.fault("F3", "SIGSTOP to a worker for longer than its lease, then SIGCONT")
def test_a_worker_that_slept_past_its_lease_changes_nothing_when_it_wakes(scene_of: SceneOf, row: Row) -> None:
    with scene_of(workers=2, **SHORT_LEASE) as scene:
        scene.effects.behave("/slow", delay=2)
        slow = scene.load.add_task(effects_pipeline(scene.effects, steps=2, path="/slow"))
        scene.under_load(seconds=3)
        sleeper = scene.platform.workers[0]
        runs = {scene.load.run_now(slow["id"]) for _ in range(20)}
        held = scene.platform.until(lambda: histories.held_by(scene.platform, sleeper.family()) & runs)
        paused_at = sleeper.pause()
        # What it was given before it slept it will write while others are at the same steps.
        scene.effects.behave("/slow", delay=20)
        scene.go_on(17)
        sleeper.go_on()
        scene.go_on(5)
        scene.effects.behave("/slow")
        history = scene.settled()
        refused = scene.platform.api.metric("orchestrator_stale_writes_refused_total")

    stolen = held & lost(history)
    row.measure("runs taken from it", len(stolen), at_least=1)
    row.measure("resumed after", resumed_after(history, stolen, since=paused_at), unit="s", at_most=20)
    row.measure("stale writes refused", refused, at_least=1)
    row.measure("late effects", late_effects(history))
    row.judge(history)


@pytest.mark.fault("F4", "SIGKILL to one process of a worker's pool")
def test_the_runs_of_a_killed_pool_process_go_on_within_40_seconds(scene_of: SceneOf, row: Row) -> None:
    with scene_of(workers=1, ORDINAUT_WORKER_PROCESSES="2") as scene:
        scene.effects.behave("/effect", delay=0.5)
        scene.under_load(seconds=5)
        victim = scene.platform.workers[0].pool()[0]
        held = scene.runs_held_by({victim.pid})
        _, killed_at = scene.platform.workers[0].kill_one_of_pool()
        scene.go_on(5)
        history = scene.settled()

    row.measure("runs in its hands", len(held & lost(history)), at_least=1)
    row.measure("resumed after", resumed_after(history, held & lost(history), since=killed_at), unit="s", at_most=40)
    row.measure("attempts lost by one run", max(run.losses for run in history.runs), at_most=1)
    row.judge(history)
