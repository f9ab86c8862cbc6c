"""F6: a deploy that restarts everything, one process after another."""

from itertools import pairwise

import pytest

from tests.faults.conftest import SceneOf
from tests.faults.histories import History
from tests.faults.results import Row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
ROUNDS = 2
GRACE = 12.0  # ORDINAUT_STOP_SECONDS, and what is left to write


@pytest.mark.fault("F6", f"SIGTERM to every process in turn, {ROUNDS} rounds")
def test_a_rolling_restart_loses_nothing_and_keeps_no_run_waiting(scene_of: SceneOf, row: Row) -> None:
    slowest = 0.0
    with scene_of(workers=2, beats=2, webs=2) as scene:
        scene.effects.behave("/effect", delay=0.3)
        scene.under_load(seconds=5)
        for _ in range(ROUNDS):
            for process in [*scene.platform.workers, *scene.platform.beats, *scene.platform.webs]:
                slowest = max(slowest, process.stop())
                scene.platform.start_again(process)
                scene.platform.wait_until_ready()
        history = scene.settled()

    row.measure("slowest exit", slowest, unit="s", at_most=GRACE)
    row.measure("leases lost", sum(attempt.outcome == "lost" for attempt in history.attempts), at_most=0)
    row.measure("longest pause of a run", longest_pause(history), unit="s", at_most=10)
    row.measure("answers missed by the client", sum(not answer.status for answer in history.answers))
    row.judge(history)


def longest_pause(history: History) -> float:
    """Seconds that a run which was handed back waited for its next worker."""
    pauses = [
        (later.started_at - earlier.finished_at).total_seconds()
        for attempts in history.attempts_of.values()
        for earlier, later in pairwise(attempts)
        if earlier.outcome == "handed_back"
    ]
    return max(pauses, default=0.0)
