"""A relay that dies or sleeps at the worst moment leaves no hole and repeats nothing."""

import signal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tasks_app.events import outbox, stream
from tasks_app.events.types import EventType
from tasks_app.maintenance import relay
from tasks_app.models import OutboxEntry, Task
from tests.concurrency.interrupted import ended, spawn, wait_until_stopped
from tests.making import make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "relay.log"


def record(number: int, subject: Task) -> None:
    for _ in range(number):
        with transaction.atomic():
            outbox.record(EventType.TASK_UPDATED, subject)


def relay_all() -> None:
    while relay.run_once(batch=7)["more"]:
        pass


def published() -> list[int]:
    entries: Any = stream.client().xrange(stream.STREAM)
    return [int(entry_id.partition("-")[0]) for entry_id, _ in entries]


def test_a_relay_that_is_killed_between_numbering_and_publishing_loses_nothing(log: Path) -> None:
    subject = make_task()
    record(10, subject)
    with ended([process := spawn("tests.concurrency.relaying", "after_number", "KILL", log=log)]):
        assert process.wait(40) == -signal.SIGKILL
    assert published() == []
    assert not OutboxEntry.objects.filter(pos=None).exists()
    record(5, subject)

    relay_all()

    assert published() == list(range(1, 16))


def test_a_relay_that_slept_while_redis_lost_everything_leaves_no_hole(log: Path) -> None:
    """It wakes with events in its hands that were due in a stream of ten, before one that is empty."""
    subject = make_task()
    record(10, subject)
    relay_all()
    record(5, subject)
    with ended([process := spawn("tests.concurrency.relaying", "before_append", "STOP", log=log)]):
        wait_until_stopped(process)
        stream.client().flushdb()
        process.send_signal(signal.SIGCONT)
        assert process.wait(40) == 0
    assert log.read_text().split()[-1] == "0"
    assert published() == []

    relay_all()

    assert published() == list(range(1, 16))


def test_a_relay_that_slept_while_another_went_on_repeats_nothing(log: Path) -> None:
    subject = make_task()
    record(5, subject)
    with ended([process := spawn("tests.concurrency.relaying", "before_append", "STOP", log=log)]):
        wait_until_stopped(process)
        record(5, subject)
        relay_all()
        process.send_signal(signal.SIGCONT)
        assert process.wait(40) == 0

    assert log.read_text().split()[-1] == "0"
    assert published() == list(range(1, 11))
