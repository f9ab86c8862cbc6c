"""Hints over a real Redis: one at a time, and none that outlives a lost message for long."""

from typing import Any

import pytest
from celery import current_app
from django.db import transaction

from tasks_app import celery_tasks
from tasks_app.events import stream, wakeup

pytestmark = pytest.mark.usefixtures("redis_emptied")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    messages: list[str] = []
    monkeypatch.setattr(wakeup, "_quiet_until", 0.0)
    monkeypatch.setattr(current_app, "send_task", lambda name, **_: messages.append(name))
    return messages


def test_many_hints_are_one_message_until_a_worker_has_looked(sent: list[str]) -> None:
    for _ in range(50):
        wakeup.send_now()
    assert sent == [celery_tasks.drain.name]

    celery_tasks.drain()
    wakeup.send_now()
    assert len(sent) == 2


def test_a_message_that_was_lost_hides_later_hints_for_five_seconds_at_most(sent: list[str]) -> None:
    wakeup.send_now()

    remaining: Any = stream.client().pttl("ordinaut:wakeup")
    assert 0 < remaining <= 5000


@pytest.mark.django_db(transaction=True)
def test_a_hint_waits_for_the_commit_and_is_dropped_with_the_transaction(sent: list[str]) -> None:
    with transaction.atomic():
        wakeup.send_after_commit()
        transaction.set_rollback(True)
    assert sent == []

    with transaction.atomic():
        wakeup.send_after_commit()
        assert sent == []
    assert len(sent) == 1


def test_a_message_of_the_broker_is_a_hint_and_carries_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeup, "_quiet_until", 0.0)

    wakeup.send_now()

    broker = current_app.connection_for_read()
    with broker.SimpleQueue("ordinaut") as queue:
        message = queue.get(block=True, timeout=5)
        assert message.headers["task"] == "ordinaut.drain"
        assert message.payload[:2] == [[], {}]
        assert message.headers["eta"] is None
        message.ack()
    broker.release()
