"""Consumers whose Postgres was the primary until lately, and only reads now, go on at the new primary."""

import threading
from collections.abc import Iterator

import pytest
from django.db import InternalError, connection, transaction

from tasks_app.events import deadletters, history, sharing
from tasks_app.events.event import Event
from tasks_app.events.sharing import SharedConsumer
from tasks_app.models import AuditEntry, ConsumerPosition, DeadLetter
from tasks_app.services import deadletters as service
from tasks_app.services.actor import SYSTEM
from tests.integration.events.reading import NEVER, consumer, note, publish, read_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]


@pytest.fixture(autouse=True)
def _at_the_primary_afterwards(transactional_db: None) -> Iterator[None]:
    """Before the tables are emptied."""
    yield
    connection.close()


def fail_over() -> None:
    """From its next transaction on, this connection is one to a replica; a new one leads to the primary."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")


def note_at_a_replica(event: Event) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        note(event)


def noted() -> int:
    return AuditEntry.objects.filter(action="noted").count()


def test_a_consumer_goes_on_at_the_new_primary(caplog: pytest.LogCaptureFixture) -> None:
    publish(1)
    stop = threading.Event()

    def note_the_last(event: Event) -> None:
        note(event)
        stop.set()

    fail_over()
    consumer(note_the_last).run(stop)

    assert noted() == 1
    assert "readers waits for the database" in caplog.text


def test_a_consumer_that_cannot_hand_over_ends_all_the_same_and_keeps_no_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    publish(1)
    stop = threading.Event()

    def be_the_last(_event: Event) -> None:
        stop.set()
        transaction.on_commit(fail_over)

    consumer(be_the_last).run(stop)

    assert "readers is not handed over, its lease will end" in caplog.text
    assert connection.connection is None
    assert ConsumerPosition.objects.get().pos == 1


def test_a_write_that_meets_a_replica_is_no_fault_of_its_event() -> None:
    publish(1)
    reader = consumer(note_at_a_replica)

    for _ in range(10):
        with pytest.raises(InternalError):
            reader.run_once(NEVER)
    reader._handle = note
    read_all(reader)

    assert noted() == 1
    assert not DeadLetter.objects.exists()


def test_a_dead_letter_that_meets_a_replica_is_delivered_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_event: Event) -> None:
        raise ValueError("bad")

    publish(1)
    reader = consumer(fail)
    monkeypatch.setattr(reader, "_pause", lambda *_: None)
    read_all(reader)
    service.redeliver(DeadLetter.objects.get(), actor=SYSTEM)

    reader._handle = note_at_a_replica
    with pytest.raises(InternalError):
        reader.run_once(NEVER)
    reader._handle = note
    read_all(reader)

    assert noted() == 1
    assert not DeadLetter.objects.exists()


def test_a_shared_consumer_goes_on_at_the_new_primary(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sharing, "WAIT_SECONDS", 0.05)
    publish(1)
    stop = threading.Event()

    def note_the_last(event: Event) -> None:
        note(event)
        stop.set()

    fail_over()
    SharedConsumer("workers", note_the_last, start="oldest").run(stop)

    assert noted() == 1
    assert "workers waits" in caplog.text


def test_a_write_of_a_shared_consumer_that_meets_a_replica_is_no_fault_of_its_event(
    caplog: pytest.LogCaptureFixture,
) -> None:
    publish(1)

    reader = SharedConsumer("workers", note_at_a_replica, start="oldest")
    reader.run_once(NEVER)  # it makes the group

    with pytest.raises(InternalError):
        reader.run_once(NEVER)

    assert "could not handle event" not in caplog.text


def test_a_dead_letter_of_a_shared_group_that_meets_a_replica_is_delivered_later() -> None:
    publish(1)
    reader = SharedConsumer("workers", note, start="oldest", idle=0)
    reader.run_once(NEVER)
    deadletters.bury("workers", history.events(0, 1)[0], ValueError("bad"), deliveries=5)
    service.redeliver(DeadLetter.objects.get(), actor=SYSTEM)

    reader._handle = note_at_a_replica
    with pytest.raises(InternalError):
        reader._deliver_letters(NEVER)
    reader._handle = note
    reader._deliver_letters(NEVER)

    assert noted() == 1
    assert not DeadLetter.objects.exists()
