"""An event that cannot be handled stops nobody: it is tried five times, kept, and delivered again when asked for."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import OperationalError

from tasks_app.events import consumer as consumer_module
from tasks_app.events import deadletters, history, positions
from tasks_app.events.consumer import Consumer
from tasks_app.events.event import Event
from tasks_app.exceptions import IllegalMove
from tasks_app.models import AuditEntry, ConsumerPosition, DeadLetter, OutboxEntry
from tasks_app.services import deadletters as service
from tasks_app.services.actor import Actor
from tests.integration.events.reading import NEVER, consumer, publish, read_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

ANN = Actor("user:ann", request_id="r-1")


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the consumer would have waited, instead of its waiting."""
    asked: list[float] = []
    monkeypatch.setattr(Consumer, "_pause", lambda _self, seconds, _stop: asked.append(seconds))
    return asked


class Handler:
    """Writes down what it is given, and raises at some of it."""

    def __init__(self, *poison: int, error: Callable[[], Exception] = lambda: ValueError("bad news")) -> None:
        self.poison = set(poison)
        self.error = error
        self.given: list[int] = []

    def __call__(self, event: Event) -> None:
        self.given.append(event.pos)
        if event.pos in self.poison:
            raise self.error()


def settled(reader: Consumer) -> Consumer:
    """Past the batch that is handled one by one."""
    reader._take()
    reader._one_by_one_until = 0
    return reader


@pytest.mark.parametrize("prepare", [lambda reader: reader, settled], ids=["one by one", "in batches"])
def test_a_poison_event_is_tried_five_times_and_then_kept_while_others_go_on(
    prepare: Callable[[Consumer], Consumer], waits: list[float]
) -> None:
    publish(4)
    handler = Handler(2)

    read_all(prepare(consumer(handler)))

    assert waits == [1, 2, 4, 8]
    tries = 5 if prepare is not settled else 6  # the first was the batch's, and told that there was one
    assert handler.given.count(2) == tries
    assert handler.given[-2:] == [3, 4]
    letter = DeadLetter.objects.get()
    row = OutboxEntry.objects.get(pos=2).events()[0]
    assert (letter.group, letter.pos, letter.event_id, letter.event_type) == ("readers", 2, row.id, row.type)
    assert (letter.error_class, letter.error_text, letter.deliveries) == ("builtins.ValueError", "bad news", 5)
    assert str(letter) == "task.updated at 2 for readers"
    position = ConsumerPosition.objects.get()
    assert (position.pos, position.deliveries) == (4, 0)


def test_an_error_that_no_table_can_hold_is_kept_as_what_can_be_kept_of_it() -> None:
    publish(1)
    [event] = history.events(0, 1)

    deadletters.bury("readers", event, ValueError("bad\x00 \ud800 news"), deliveries=5)

    assert DeadLetter.objects.get().error_text == "bad ? news"


def test_what_a_failed_delivery_wrote_is_undone() -> None:
    publish(1)

    def write_and_fail(event: Event) -> None:
        AuditEntry.objects.create(actor="x", action="x", object_kind="x", object_id=event.id)
        raise ValueError

    read_all(consumer(write_and_fail))

    assert not AuditEntry.objects.exists()
    assert DeadLetter.objects.count() == 1


def test_an_event_that_fails_at_first_is_handled_in_the_end(waits: list[float]) -> None:
    publish(2)
    handler = Handler(1)

    def recover(event: Event) -> None:
        handler.poison = set() if handler.given.count(1) == 2 else handler.poison
        handler(event)

    read_all(consumer(recover))

    assert handler.given == [1, 1, 1, 2]
    assert waits == [1, 2]
    assert not DeadLetter.objects.exists()
    assert ConsumerPosition.objects.get().deliveries == 0


def test_an_event_that_kills_its_process_every_time_is_kept_and_passed_by() -> None:
    publish(3)

    def die() -> Any:
        raise SystemExit

    handler = Handler(2, error=die)
    for _ in range(5):
        reader = consumer(handler)
        with pytest.raises(SystemExit):
            read_all(reader)
        positions.release(reader._hold)  # type: ignore[arg-type]

    read_all(consumer(handler))

    assert handler.given == [1, 2, 2, 2, 2, 2, 3]
    assert DeadLetter.objects.get().error_class == "tasks_app.events.deadletters.HandlerDied"


def test_a_database_that_fails_is_no_fault_of_the_event() -> None:
    publish(2)
    handler = Handler(1, error=lambda: OperationalError("the server is shutting down"))
    reader = consumer(handler)

    for _ in range(10):
        with pytest.raises(OperationalError):
            reader.run_once(NEVER)
    handler.poison = set()
    read_all(reader)

    assert handler.given[-2:] == [1, 2]
    assert not DeadLetter.objects.exists()


def test_a_database_that_fails_under_a_batch_is_no_fault_of_its_events_either() -> None:
    publish(2)
    handler = Handler(1, error=lambda: OperationalError("the server is shutting down"))
    reader = settled(consumer(handler))

    with pytest.raises(OperationalError):
        reader.run_once(NEVER)

    assert handler.given == [1]
    assert ConsumerPosition.objects.get().deliveries == 0


def test_a_handler_whose_statement_takes_too_long_has_failed() -> None:
    publish(1)

    def too_slow() -> Exception:
        error = OperationalError("canceling statement due to statement timeout")
        error.__cause__ = psycopg.errors.QueryCanceled()
        return error

    read_all(consumer(Handler(1, error=too_slow)))

    assert DeadLetter.objects.get().error_class == "django.db.utils.OperationalError"


def test_a_long_error_is_cut() -> None:
    publish(1)

    read_all(consumer(Handler(1, error=lambda: ValueError("x" * 5_000_000))))

    assert len(DeadLetter.objects.get().error_text) == 2000


def test_a_consumer_that_is_stopped_gives_no_event_up() -> None:
    publish(1)
    stop = threading.Event()
    reader = consumer(Handler(1, error=lambda: stop.set() or ValueError("bad")))  # type: ignore[func-returns-value]

    reader.run_once(stop)

    assert not DeadLetter.objects.exists()
    assert ConsumerPosition.objects.get().deliveries == 1


def dead_letter(handler: Handler) -> tuple[Consumer, DeadLetter]:
    publish(2)
    reader = consumer(handler)
    read_all(reader)
    return reader, DeadLetter.objects.get()


def test_a_dead_letter_that_is_asked_for_is_delivered_once_more_and_gone() -> None:
    handler = Handler(1)
    reader, letter = dead_letter(handler)
    OutboxEntry.objects.all().delete()
    handler.poison = set()
    handler.given.clear()

    service.redeliver(letter, actor=ANN)
    service.redeliver(letter, actor=ANN)
    read_all(reader)

    assert handler.given == [1]
    assert not DeadLetter.objects.exists()
    entry = AuditEntry.objects.get(action="deadletter.redelivered")
    assert (entry.actor, entry.object_kind, entry.object_id) == ("user:ann", "deadletter", letter.pk)
    assert entry.details == {"group": "readers", "pos": 1, "event": str(letter.event_id)}


def test_a_dead_letter_that_fails_again_stays_one() -> None:
    handler = Handler(1)
    reader, letter = dead_letter(handler)
    handler.error = lambda: KeyError("still")

    service.redeliver(letter, actor=ANN)
    read_all(reader)

    letter.refresh_from_db()
    assert (letter.deliveries, letter.error_class, letter.asked_at) == (6, "builtins.KeyError", None)
    assert ConsumerPosition.objects.get().pos == 2


def test_a_dead_letter_that_kills_its_process_does_so_once() -> None:
    def die() -> Any:
        raise SystemExit

    handler = Handler(1)
    reader, letter = dead_letter(handler)
    handler.error = die
    service.redeliver(letter, actor=ANN)

    with pytest.raises(SystemExit):
        reader.run_once(NEVER)

    assert reader.run_once(NEVER) == 0
    assert DeadLetter.objects.get().deliveries == 6


def test_a_dead_letter_is_delivered_all_the_same_when_the_database_failed_at_its_redelivery() -> None:
    handler = Handler(1)
    reader, letter = dead_letter(handler)
    handler.error = lambda: OperationalError("gone")
    service.redeliver(letter, actor=ANN)

    for _ in range(3):
        with pytest.raises(OperationalError):
            reader.run_once(NEVER)
    letter.refresh_from_db()
    assert (letter.error_text, letter.deliveries) == ("bad news", 6)

    handler.poison = set()
    read_all(reader)
    assert not DeadLetter.objects.exists()


def test_a_wish_is_kept_when_the_failure_of_its_redelivery_cannot_be_written_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handler = Handler(1)
    reader, letter = dead_letter(handler)
    service.redeliver(letter, actor=ANN)

    def fail(*_: object) -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(deadletters, "note_failure", fail)
        with pytest.raises(OperationalError):
            reader.run_once(NEVER)
    handler.poison = set()
    read_all(reader)

    assert not DeadLetter.objects.exists()


def test_a_wish_is_kept_when_the_group_is_lost_at_its_redelivery() -> None:
    handler = Handler(1)
    reader, letter = dead_letter(handler)
    handler.poison = set()
    service.redeliver(letter, actor=ANN)
    ConsumerPosition.objects.update(term=99, lease_until=None)

    assert reader._outlived(NEVER) == 0
    read_all(reader)

    assert not DeadLetter.objects.exists()


def test_a_dead_letter_that_was_delivered_meanwhile_cannot_be_asked_for() -> None:
    _, letter = dead_letter(Handler(1))
    DeadLetter.objects.all().delete()

    with pytest.raises(IllegalMove, match="delivered"):
        service.redeliver(letter, actor=ANN)

    assert not AuditEntry.objects.exists()


def test_two_processes_do_not_deliver_one_letter_twice() -> None:
    _, letter = dead_letter(Handler(1))
    service.redeliver(letter, actor=ANN)

    assert deadletters.begin_delivery(letter)
    assert not deadletters.begin_delivery(letter)


def test_dead_letters_are_counted_by_group(monkeypatch: pytest.MonkeyPatch) -> None:
    before = consumer_module.deadletters._buried.labels("readers")._value.get()

    dead_letter(Handler(1))

    assert consumer_module.deadletters._buried.labels("readers")._value.get() == before + 1
