"""A wake-up is a hint: sending it never fails, never waits for long and never repeats itself."""

import threading
import time

import pytest
import redis

from tasks_app.events import stream, wakeup
from tasks_app.events.wakeup import send  # itself: see `_hints_are_sent_by_who_asks` in tests/conftest.py


class FakeRedis:
    """Counts what is asked of it; a pipeline is itself."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.asked = 0
        self.hints: list[int] = []

    def pipeline(self, *, transaction: bool) -> "FakeRedis":
        assert transaction
        return self

    def lpush(self, _key: str, hint: int) -> "FakeRedis":
        self.hints.insert(0, hint)
        return self

    def ltrim(self, _key: str, first: int, last: int) -> "FakeRedis":
        self.hints = self.hints[first : last + 1]
        return self

    def execute(self) -> None:
        self.asked += 1
        self._fail_or_not()

    def blpop(self, _keys: list[str], *, timeout: float) -> tuple[str, int] | None:
        assert timeout <= 1, "nobody stops while it waits"
        self._fail_or_not()
        return ("bell", self.hints.pop()) if self.hints else None

    def _fail_or_not(self) -> None:
        if self.failure:
            self.hints.clear()
            raise self.failure


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeRedis:
    fake = FakeRedis()
    monkeypatch.setattr(stream, "client", lambda: fake)
    monkeypatch.setattr(wakeup, "_listener", lambda: fake)
    return fake


@pytest.fixture(autouse=True)
def _no_quiet_period(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeup, "_quiet_until", 0.0)


def lost() -> float:
    return wakeup._lost._value.get()


def test_hints_that_nobody_waits_for_are_one(server: FakeRedis) -> None:
    for _ in range(100):
        wakeup.send_now()

    assert wakeup.heard()
    assert not wakeup.heard()


@pytest.mark.parametrize(
    "failure",
    [
        redis.ConnectionError("refused"),
        redis.TimeoutError("slow"),
        redis.ResponseError("OOM command not allowed"),
        redis.ReadOnlyError("READONLY"),
        OSError("no route"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_without_redis_nothing_is_raised_and_the_loss_is_counted(
    server: FakeRedis, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    paused: list[float] = []
    monkeypatch.setattr(time, "sleep", paused.append)
    server.failure = failure
    before = lost()

    wakeup.send_now()
    assert lost() == before + 1

    assert not wakeup.heard()
    assert lost() == before + 1, "nobody sent what was not heard"
    assert paused == [1.0], "who listens does not ask again and again"


def test_after_a_failure_redis_is_left_in_peace_for_a_while(server: FakeRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    server.failure, before = redis.ConnectionError("refused"), lost()
    wakeup.send_now()
    server.failure = None

    now += 2.9
    wakeup.send_now()
    assert (server.asked, server.hints, lost()) == (1, [], before + 2)

    now += 0.2
    wakeup.send_now()
    assert (server.asked, len(server.hints), lost()) == (2, 1, before + 2)


def test_who_asks_for_a_hint_does_not_wait_for_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    answering, asked = threading.Event(), threading.Semaphore(0)

    def wait_for_redis() -> None:
        asked.release()
        answering.wait(10)

    monkeypatch.setattr(wakeup, "send_now", wait_for_redis)
    send()
    assert asked.acquire(timeout=5)

    begun = time.monotonic()
    for _ in range(100):
        send()
    assert time.monotonic() - begun < 1

    answering.set()
    assert asked.acquire(timeout=5), "what was asked for meanwhile is one more hint"
    assert not asked.acquire(timeout=0.05)


def test_a_hint_that_fails_by_our_own_fault_is_not_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Semaphore(0)

    def fail() -> None:
        asked.release()
        raise RuntimeError("ours")

    monkeypatch.setattr(wakeup, "send_now", fail)
    for _ in range(2):
        send()
        assert asked.acquire(timeout=5)
