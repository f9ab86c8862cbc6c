"""Hints over a real Redis: one of those who wait is woken, and what nobody waits for is kept once."""

import threading

import pytest
from django.db import transaction

from tasks_app.events import stream, wakeup
from tests.integration.execution.conftest import until

pytestmark = pytest.mark.usefixtures("redis_emptied")


@pytest.fixture(autouse=True)
def _redis_is_not_left_in_peace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeup, "_quiet_until", 0.0)


def hints() -> int:
    return int(stream.client().llen("ordinaut:bell"))


def test_many_hints_are_one_until_somebody_has_looked() -> None:
    for _ in range(50):
        wakeup.send_now()
    assert hints() == 1

    assert wakeup.heard()
    assert not wakeup.heard()


def test_of_those_who_wait_each_hint_wakes_one() -> None:
    heard: list[bool] = []
    waiting = [threading.Thread(target=lambda: heard.append(_waits_for_long())) for _ in range(3)]
    for thread in waiting:
        thread.start()
    until(lambda: _blocked() == 3)

    for number in range(1, 4):
        wakeup.send_now()
        until(lambda number=number: len(heard) == number)
        assert _blocked() == 3 - number

    assert heard == [True] * 3
    assert hints() == 0


def _waits_for_long() -> bool:
    return stream.blocking_client(wait=20).blpop(["ordinaut:bell"], timeout=20) is not None


def _blocked() -> int:
    return int(stream.client().info("clients")["blocked_clients"])


@pytest.mark.django_db(transaction=True)
def test_a_hint_waits_for_the_commit_and_is_dropped_with_the_transaction() -> None:
    with transaction.atomic():
        wakeup.send_after_commit()
        transaction.set_rollback(True)
    assert hints() == 0

    with transaction.atomic():
        wakeup.send_after_commit()
        assert hints() == 0
    assert hints() == 1
