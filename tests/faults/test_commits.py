"""F18: a fifth of all commits is lost on its way to Postgres, a fifth of the answers on the way back, a fifth of the connects."""

import random

import pytest

from tests.faults.conftest import SceneOf
from tests.faults.measures import seconds_of
from tests.faults.proxy import Direction, Verdict
from tests.faults.results import Row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
TROUBLE = seconds_of("COMMITS", 30)
SHARE = 0.2
_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
_STARTUP = b"\x00\x03\x00\x00"  # the protocol's version, after the message's length


class Judge:
    """Breaks connections at commits and at connects; `before`, `after` and `connects` say how often."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.before = self.after = self.connects = 0

    def __call__(self, direction: Direction, chunk: bytes) -> Verdict:
        if direction is not Direction.TO_SERVER:
            return Verdict.PASS
        if chunk[4:8] == _STARTUP and self._chance.random() < SHARE:
            self.connects += 1
            return Verdict.BREAK_BEFORE
        if _COMMIT in chunk:
            drawn = self._chance.random()
            if drawn < SHARE:
                self.before += 1
                return Verdict.BREAK_BEFORE
            if drawn < 2 * SHARE:
                self.after += 1
                return Verdict.BREAK_AFTER
        return Verdict.PASS


@pytest.mark.fault("F18", f"a fifth of commits fails before, a fifth after, a fifth of connects, for {TROUBLE:g} s")
def test_commits_of_which_nobody_knows_whether_they_came_to_pass_do_no_harm(
    scene_of: SceneOf, row: Row, seed: int
) -> None:
    judge = Judge(seed)
    with scene_of(proxied=["postgres"], rate=100) as scene:
        scene.under_load(seconds=3)
        scene.proxies["postgres"].judge = judge
        scene.go_on(TROUBLE)
        scene.proxies["postgres"].judge = None
        history = scene.settled()

    row.measure("commits lost", judge.before, at_least=10)
    row.measure("commits done whose answer was lost", judge.after, at_least=10)
    row.measure("connects lost", judge.connects, at_least=5)
    row.judge(history)
