"""F1 to F4: workers that die or stand still in the middle of runs."""

import pytest

from tests.faults import histories
from tests.faults.checker import resumed_after
from tests.faults.conftest import SceneOf
from tests.faults.results import Row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
SHORT_LEASE = {"ORDINAUT_LEASE_SECONDS": "15", "ORDINAUT_HEARTBEAT_SECONDS": "5"}


@pytest.mark.faults_short
@pytest.mark.fault("F1", "SIGKILL to a worker while HTTP calls are in flight")
def test_the_runs_of_a_killed_worker_go_on_within_40_seconds(scene_of: SceneOf, row: Row) -> None:
    with scene_of(workers=2) as scene:
        scene.effects.behave("/effect", delay=0.3)
        scene.under_load(seconds=6)
        held = histories.held_by(scene.platform, scene.platform.workers[0].family())
        killed_at = scene.platform.workers[0].kill()
        scene.go_on(10)
        history = scene.settled()

    lost = {attempt.run for attempt in history.attempts if attempt.outcome == "lost"}
    row.measure("runs in its hands", len(held & lost), at_least=1)
    row.measure("resumed after", resumed_after(history, held & lost, since=killed_at), unit="s", at_most=40)
    row.judge(history)
