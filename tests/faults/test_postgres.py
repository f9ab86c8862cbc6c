"""F15, F17 and F19: Postgres restarts, has no connections left, or cannot be reached by one worker."""

import contextlib
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.faults import histories
from tests.faults.checker import late_effects, resumed_after
from tests.faults.conftest import SceneOf
from tests.faults.histories import History
from tests.faults.load import effects_pipeline
from tests.faults.measures import all_live_on, next_end, rounds, seconds_of
from tests.faults.platform import Platform
from tests.faults.proxy import Proxy
from tests.faults.results import Row

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
RESTARTS = rounds(3)
STORM = seconds_of("STORM", 20)
APART = seconds_of("PARTITION", 30)
CONNECTIONS = 20
LEASE = 8  # seconds


@pytest.mark.fault("F15", f"Postgres restarts {RESTARTS} times, fast")
def test_progress_is_made_soon_after_postgres_was_restarted(scene_of: SceneOf, row: Row) -> None:
    judge_restarts(scene_of, row, signal.SIGINT)


@pytest.mark.fault("F15", f"Postgres restarts {RESTARTS} times, immediate")
def test_progress_is_made_soon_after_postgres_has_crashed(scene_of: SceneOf, row: Row) -> None:
    judge_restarts(scene_of, row, signal.SIGQUIT)


def judge_restarts(scene_of: SceneOf, row: Row, how: signal.Signals) -> None:
    ready: list[datetime] = []
    with scene_of() as scene:
        scene.effects.behave("/effect", delay=0.2)
        scene.under_load(seconds=3)
        for _ in range(RESTARTS):
            scene.platform.postgres.send(how)
            scene.platform.until(lambda: not scene.platform.postgres.alive)
            scene.go_on(2)
            scene.platform.start_postgres()
            ready.append(datetime.now(UTC))
            scene.go_on(8)
        history = scene.settled()
        all_live_on(row, scene.platform)

    row.measure("progress after", max(next_end(history, each) for each in ready), unit="s", at_most=15)
    felt = sum(
        answer.status == 503 or answer.seconds > 1 for answer in history.answers
    )  # some wait, and are answered well
    row.measure("answers that were late or 503", felt, at_least=1)
    row.measure("slowest answer", max(answer.seconds for answer in history.answers), unit="s", at_most=6)
    row.judge(history)


@pytest.mark.fault("F17", f"max_connections={CONNECTIONS}, and others take all that are free for {STORM:g} s")
def test_without_free_connections_everything_waits_and_goes_on_soon(scene_of: SceneOf, row: Row) -> None:
    with scene_of(workers=2, beats=1, before=few_connections) as scene:
        scene.under_load(seconds=5)
        with storm(scene.platform):
            scene.platform.workers[1].kill()
            scene.platform.start_again(scene.platform.workers[1])
            scene.go_on(STORM)
        over = datetime.now(UTC)
        scene.go_on(12)
        history = scene.settled()
        all_live_on(row, scene.platform)

    row.measure("progress after", next_end(history, over), unit="s", at_most=10)
    row.measure("API well again after", next_success(history, over), unit="s", at_most=10)
    row.judge(history)


def few_connections(platform: Platform) -> dict[str, str]:
    platform.postgres.stop()
    platform.start_postgres(f"--max_connections={CONNECTIONS}", "--superuser_reserved_connections=0")
    return {}


@contextlib.contextmanager
def storm(platform: Platform) -> Iterator[None]:
    """Another program that takes every connection that is free, and keeps it."""
    with contextlib.ExitStack() as taken:
        with contextlib.suppress(psycopg.OperationalError):
            for _ in range(CONNECTIONS):
                taken.enter_context(psycopg.connect(platform.database_url))
        yield


def next_success(history: History, after: datetime) -> float:
    answers = [answer for answer in history.answers if answer.at > after and 200 <= answer.status < 300]
    return (min(answer.at for answer in answers) - after).total_seconds()


@pytest.mark.parametrize("how", ["cut", "swallow"])
@pytest.mark.fault("F19", f"one worker cannot reach Postgres for {APART:g} s")
def test_a_worker_without_postgres_stops_by_its_own_clock(scene_of: SceneOf, row: Row, how: str) -> None:
    lease = {"ORDINAUT_LEASE_SECONDS": str(LEASE), "ORDINAUT_HEARTBEAT_SECONDS": "1"}
    with scene_of(workers=1, **lease) as scene, Proxy(scene.platform.postgres_socket) as proxy:
        apart = scene.platform.start("worker", DATABASE_URL=proxy.database_url)
        scene.platform.wait_until_ready()
        scene.effects.behave("/slow", delay=3)
        slow = scene.load.add_task(effects_pipeline(scene.effects, steps=4, path="/slow"))
        scene.under_load(seconds=3)
        runs = {scene.load.run_now(slow["id"]) for _ in range(20)}
        held = scene.platform.until(lambda: histories.held_by(scene.platform, apart.family()) & runs)
        getattr(proxy, how)()
        cut_at = datetime.now(UTC)
        scene.go_on(APART)
        proxy.pass_on()
        back = datetime.now(UTC)
        scene.go_on(8)
        pids = apart.family()
        history = scene.settled()

    row.measure("its last effect begun after", last_effect_of(history, pids, cut_at, back), unit="s", at_most=LEASE)
    row.measure("its runs resumed after", resumed_after(history, held, since=cut_at), unit="s", at_most=LEASE + 10)
    row.measure("late effects", late_effects(history), at_most=0)
    row.measure("it claims again after", next_claim_of(history, pids, back), unit="s", at_most=10)
    row.judge(history)


def last_effect_of(history: History, pids: set[int], since: datetime, until: datetime) -> float:
    """Seconds from `since` to the last call that these processes made before `until`."""
    theirs = {(each.run, each.number) for each in history.attempts if int(each.worker.split(":")[1]) in pids}
    calls = [call.at for call in history.calls if (call.run, call.attempt) in theirs and since < call.at < until]
    return (max(calls, default=since) - since).total_seconds()


def next_claim_of(history: History, pids: set[int], after: datetime) -> float:
    claims = [each.started_at for each in history.attempts if int(each.worker.split(":")[1]) in pids]
    claims = [each for each in claims if each > after]
    assert claims, "it never claimed again"
    return (min(claims) - after) / timedelta(seconds=1)
