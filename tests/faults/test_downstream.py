"""F28: what the runs depend upon fails for a while, then is well again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.faults.conftest import SceneOf
from tests.faults.effects import Call
from tests.faults.load import effect_step
from tests.faults.results import Row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(420)]
OUTAGE = 40
CALLS = 20  # a second, so steadily that a busy ten seconds can only be the return
PATIENCE = 3  # seconds that a step waits for an answer
COOL_DOWN = 5
RETURN = 60  # seconds in which what waited comes back
WELL = {"status": 200}


@pytest.mark.fault("F28", f"500 to every call for {OUTAGE} s")
def test_a_destination_that_answers_500_is_left_alone_and_comes_back_slowly(scene_of: SceneOf, row: Row) -> None:
    failing(scene_of, row, {"status": 500}, known_after=timedelta(0))


@pytest.mark.fault("F28", f"no answer to any call for {OUTAGE} s")
def test_a_destination_that_does_not_answer_is_left_alone_and_comes_back_slowly(scene_of: SceneOf, row: Row) -> None:
    failing(scene_of, row, {"hang": True}, known_after=timedelta(seconds=PATIENCE))


def failing(scene_of: SceneOf, row: Row, how: dict[str, object], *, known_after: timedelta) -> None:
    """What is on its way before the first failure can be known is nobody's to hold back."""
    with scene_of(rate=2, scheduled=0, ORDINAUT_BREAKER_SECONDS=str(COOL_DOWN)) as scene:
        step = effect_step(scene.effects, "effect") | {"timeout_seconds": PATIENCE}
        for _ in range(CALLS):
            scene.load.add_scheduled(1, pipeline=[step], max_retries=5)
        scene.effects.behave("/effect", **WELL)
        scene.under_load(seconds=25)
        failed_at = datetime.now(UTC)
        scene.effects.behave("/effect", **how)
        scene.go_on(OUTAGE)
        opened = scene.platform.api.metric("orchestrator_breakers_opened_total")
        opened_at = when_opened(scene.platform.database_url)
        well_at = datetime.now(UTC)
        scene.effects.behave("/effect", **WELL)
        scene.go_on(RETURN)
        history = scene.settled(seconds=180)

    window = timedelta(seconds=10)
    before = calls_between(history.calls, failed_at - 2 * window, failed_at)
    outage = calls_between(history.calls, failed_at, well_at)
    normal = len(before) / 2
    busiest = max(
        len(calls_between(history.calls, call.at, call.at + window)) for call in history.calls if call.at > well_at
    )
    row.measure("breakers opened", opened, at_least=1)
    row.measure("failures before it opened", len(calls_between(outage, failed_at, opened_at - known_after)), at_most=20)
    known = calls_between(outage, failed_at + known_after, well_at)
    row.measure("calls once a failure could be known", len(known), at_most=20 + OUTAGE / COOL_DOWN)
    row.measure("busiest 10 s of the return", busiest / normal, unit="times the rate before", at_most=2)
    row.measure("runs that failed in the end", sum(run.state != "succeeded" for run in history.runs))
    row.judge(history)


def when_opened(database_url: str) -> datetime:
    with psycopg.connect(database_url) as connection:
        [opened_at] = connection.execute("SELECT max(opened_at) FROM tasks_destination").fetchone() or [None]
    assert opened_at, "no breaker has opened"
    return opened_at


def calls_between(calls: Sequence[Call], since: datetime, until: datetime) -> list[Call]:
    return [call for call in calls if since <= call.at < until]
