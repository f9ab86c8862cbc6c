"""A wake-up is a hint: sending it never fails, never waits for long and never repeats itself."""

import threading
import time
from typing import Any

import pytest
import redis
from celery import current_app
from kombu.exceptions import OperationalError

from tasks_app.events import stream, wakeup
from tasks_app.events.wakeup import send  # itself: see `_hints_are_sent_by_who_asks` in tests/conftest.py


class FakeRedis:
    def __init__(self) -> None:
        self.keys: dict[str, int] = {}
        self.failure: Exception | None = None
        self.asked = 0

    def set(self, key: str, _value: object, *, nx: bool, ex: int) -> bool | None:
        self.asked += 1
        if self.failure:
            raise self.failure
        assert nx
        return None if key in self.keys else not self.keys.update({key: ex})

    def delete(self, key: str) -> None:
        if self.failure:
            raise self.failure
        self.keys.pop(key, None)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeRedis:
    fake = FakeRedis()
    monkeypatch.setattr(stream, "client", lambda: fake)
    return fake


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **options: messages.append({"name": name} | options))
    return messages


@pytest.fixture(autouse=True)
def _no_quiet_period(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeup, "_quiet_until", 0.0)


def lost() -> float:
    return wakeup._lost._value.get()


def test_a_hint_asks_for_a_drain_and_expires(server: FakeRedis, sent: list[dict[str, Any]]) -> None:
    wakeup.send_now()

    assert sent == [{"name": "ordinaut.drain", "ignore_result": True, "retry": False, "expires": 60}]


def test_hints_under_way_are_not_sent_again_until_one_was_received(
    server: FakeRedis, sent: list[dict[str, Any]]
) -> None:
    for _ in range(100):
        wakeup.send_now()
    assert len(sent) == 1

    wakeup.received()
    wakeup.send_now()
    assert len(sent) == 2


def test_a_hint_that_was_lost_hides_later_ones_for_a_few_seconds_only(
    server: FakeRedis, sent: list[dict[str, Any]]
) -> None:
    wakeup.send_now()

    assert list(server.keys.values()) == [5]


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
    server: FakeRedis, sent: list[dict[str, Any]], failure: Exception
) -> None:
    server.failure = failure
    before = lost()

    wakeup.send_now()
    wakeup.received()

    assert sent == []
    assert lost() == before + 2


@pytest.mark.parametrize("failure", [OperationalError("no broker"), redis.ConnectionError("refused")])
def test_a_broker_that_refuses_the_message_raises_nothing_either(
    server: FakeRedis, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def refuse(_name: str, **_: object) -> None:
        raise failure

    monkeypatch.setattr(current_app, "send_task", refuse)
    before = lost()

    wakeup.send_now()

    assert lost() == before + 1


def test_after_a_failure_the_broker_is_left_in_peace_for_a_while(
    server: FakeRedis, sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    server.failure, before = redis.ConnectionError("refused"), lost()
    wakeup.send_now()
    server.failure = None

    now += 2.9
    wakeup.send_now()
    assert (server.asked, sent, lost()) == (1, [], before + 2)

    now += 0.2
    wakeup.send_now()
    assert (server.asked, len(sent), lost()) == (2, 1, before + 2)


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
