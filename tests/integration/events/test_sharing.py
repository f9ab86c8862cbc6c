"""Several processes share the events of a group: each event is handled, whatever becomes of a process or of Redis."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.db import OperationalError

from tasks_app.events import positions, stream
from tasks_app.events.event import Event
from tasks_app.events.sharing import SharedConsumer
from tasks_app.models import ConsumerPosition, DeadLetter, OutboxEntry
from tasks_app.services import deadletters
from tasks_app.services.actor import SYSTEM
from tests.integration.events.reading import NEVER, publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]

GROUP = "workers"


def shared(handle: Callable[[Event], object], *, name: str = "a", **options: Any) -> SharedConsumer:
    """One that takes over at once what is pending, and looks for it at every round."""
    made = SharedConsumer(GROUP, handle, **{"start": "oldest", "idle": 0} | options)
    made._name = name
    return made


def rounds(reader: SharedConsumer, number: int = 3) -> None:
    for _ in range(number):
        reader._round_at = 0
        reader.run_once(NEVER)


class Handler:
    def __init__(self, *poison: int) -> None:
        self.poison = set(poison)
        self.given: list[int] = []

    def __call__(self, event: Event) -> None:
        self.given.append(event.pos)
        if event.pos in self.poison:
            raise ValueError("bad")


def pending() -> int:
    summary: Any = stream.client().xpending(stream.STREAM, GROUP)
    return int(summary["pending"])


def test_events_are_shared_by_the_processes_of_a_group() -> None:
    publish(6)
    first, second = Handler(), Handler()
    one, two = shared(first, batch=2), shared(second, batch=2, name="b")
    for _ in range(3):
        one.run_once(NEVER)
        two.run_once(NEVER)

    assert sorted(first.given + second.given) == [1, 2, 3, 4, 5, 6]
    assert first.given
    assert second.given
    assert pending() == 0


def test_what_a_process_that_died_left_pending_is_handled_by_another() -> None:
    publish(3)

    def die(_event: Event) -> None:
        raise SystemExit

    dying = shared(die)
    dying.run_once(NEVER)  # it makes the group
    with pytest.raises(SystemExit):
        dying.run_once(NEVER)
    assert pending() == 3

    handler = Handler()
    rounds(shared(handler, name="b"))

    assert handler.given == [1, 2, 3]
    assert pending() == 0


def test_what_is_not_idle_for_long_enough_is_left_to_whoever_has_it() -> None:
    publish(2)
    rounds(shared(Handler(1)), 2)
    handler = Handler()

    rounds(shared(handler, name="b", idle=60))

    assert handler.given == []
    assert pending() == 1


def test_an_event_that_fails_five_times_becomes_a_dead_letter() -> None:
    publish(3)
    handler = Handler(2)

    rounds(shared(handler), 9)

    assert handler.given.count(2) == 5
    letter = DeadLetter.objects.get()
    assert (letter.group, letter.pos, letter.deliveries) == (GROUP, 2, 5)
    assert pending() == 0


def test_a_dead_letter_that_is_asked_for_is_delivered_again() -> None:
    publish(1)
    handler = Handler(1)
    reader = shared(handler)
    rounds(reader, 8)
    letter = DeadLetter.objects.get()
    deadletters.redeliver(letter, actor=SYSTEM)
    rounds(reader, 1)
    letter.refresh_from_db()
    assert (letter.deliveries, letter.asked_at) == (6, None)

    handler.poison = set()
    deadletters.redeliver(letter, actor=SYSTEM)
    rounds(reader, 1)

    assert not DeadLetter.objects.exists()


def test_a_dead_letter_is_delivered_all_the_same_when_the_database_failed_at_its_redelivery() -> None:
    publish(1)
    handler = Handler(1)
    reader = shared(handler)
    rounds(reader, 8)
    deadletters.redeliver(DeadLetter.objects.get(), actor=SYSTEM)

    def fail(_event: Event) -> None:
        raise OperationalError("gone")

    reader._handle = fail
    with pytest.raises(OperationalError):
        rounds(reader, 1)
    reader._handle = Handler()
    rounds(reader, 1)

    assert not DeadLetter.objects.exists()


def test_pending_events_that_were_trimmed_are_read_from_postgres() -> None:
    publish(4)
    rounds(shared(Handler(1, 2)), 2)
    assert pending() == 2
    stream.client().xtrim(stream.STREAM, minid=4, approximate=False)

    handler = Handler(1)
    rounds(shared(handler, name="b"))

    assert handler.given == [1, 2]
    assert pending() == 0
    assert DeadLetter.objects.get().pos == 1, "Redis cannot deliver it again"


def test_events_trimmed_before_the_group_had_them_are_read_from_postgres() -> None:
    handler = Handler(5)
    reader = shared(handler, batch=3)
    publish(2)
    rounds(reader)
    publish(10)
    stream.client().xtrim(stream.STREAM, minid=11, approximate=False)

    rounds(reader, 6)

    assert handler.given == list(range(1, 13))
    assert DeadLetter.objects.get().pos == 5
    assert pending() == 0


def test_while_one_process_refills_another_waits_for_it() -> None:
    publish(4)
    reader = shared(Handler())
    reader.run_once(NEVER)
    stream.client().xtrim(stream.STREAM, minid=3, approximate=False)
    stream.client().set(f"ordinaut:refill:{GROUP}", "b")
    stop = threading.Event()
    stop.set()

    assert reader.run_once(stop) == 0
    stream.client().delete(f"ordinaut:refill:{GROUP}")
    assert reader.run_once(stop) == 2


def test_a_refill_that_outlasts_its_lock_neither_moves_a_group_that_was_made_anew_nor_takes_the_lock_of_another() -> (
    None
):
    publish(4)
    reader = shared(Handler())
    reader.run_once(NEVER)
    stream.client().xgroup_setid(stream.STREAM, GROUP, id="1-0")
    stream.client().xtrim(stream.STREAM, minid=4, approximate=False)

    def make_anew(_event: Event) -> None:
        stream.client().xgroup_setid(stream.STREAM, GROUP, id="0-0")
        stream.client().set(f"ordinaut:refill:{GROUP}", "b")

    reader._handle = make_anew
    assert reader.run_once(NEVER) == 2

    [group] = stream.groups()
    assert group["last-delivered-id"] == "0-0"
    assert stream.client().get(f"ordinaut:refill:{GROUP}") == "b"


def test_a_refill_of_a_stream_that_is_gone_by_then_moves_nothing() -> None:
    publish(4)
    reader = shared(Handler())
    reader.run_once(NEVER)
    stream.client().xtrim(stream.STREAM, minid=4, approximate=False)
    reader._handle = lambda _event: stream.client().flushdb()

    assert reader.run_once(NEVER) == 3

    assert stream.groups() == []


def test_events_that_nobody_keeps_any_more_are_named_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    publish(4)
    reader = shared(handler := Handler())
    reader.run_once(NEVER)
    OutboxEntry.objects.filter(pos__lte=2).delete()
    stream.client().xtrim(stream.STREAM, minid=3, approximate=False)

    rounds(reader)

    assert handler.given == [3, 4]
    assert "2 events up to 2 are not kept any more" in caplog.text


def test_a_pending_event_that_nobody_keeps_any_more_is_named(caplog: pytest.LogCaptureFixture) -> None:
    publish(2)
    rounds(shared(Handler(1)), 2)
    OutboxEntry.objects.filter(pos=1).delete()
    stream.client().xdel(stream.STREAM, "1-0")

    rounds(shared(Handler(), name="b"))

    assert "event 1-0 is not kept any more" in caplog.text
    assert pending() == 0


def test_a_group_that_redis_lost_is_made_anew_where_everything_is_done() -> None:
    subject = publish(5)
    handler = Handler(4)
    reader = shared(handler)
    rounds(reader)
    rounds(reader, 1)
    assert ConsumerPosition.objects.get().pos == 3, "the fourth is pending"
    handler.given.clear()
    handler.poison = set()
    stream.client().flushdb()
    reader.run_once(NEVER)  # no stream, no group

    publish(2, about=subject)
    rounds(reader)

    assert handler.given == [4, 5, 6, 7]
    assert ConsumerPosition.objects.get().pos == 7


def test_two_processes_that_make_the_group_at_once_make_one() -> None:
    publish(1)
    one, two = shared(Handler()), shared(Handler(), name="b")
    one.run_once(NEVER)

    two._begin_group()

    assert len(stream.groups()) == 1


def test_a_new_group_begins_behind_the_newest_event_unless_it_asks_for_the_oldest() -> None:
    publish(2)
    reader = shared(handler := Handler(), start="newest")
    rounds(reader)

    publish(1)
    rounds(reader)

    assert handler.given == [3]


def test_a_database_that_fails_is_no_fault_of_the_event() -> None:
    publish(1)
    reader = shared(Handler())
    reader.run_once(NEVER)

    def fail(_event: Event) -> None:
        raise OperationalError("gone")

    reader._handle = fail
    with pytest.raises(OperationalError):
        reader.run_once(NEVER)

    assert pending() == 1


def test_a_process_that_ends_is_taken_off_the_list_unless_something_is_pending() -> None:
    publish(2)
    tidy, leaving = shared(Handler(), name="tidy"), shared(Handler(2), name="leaving", idle=60)
    tidy.run_once(NEVER)
    rounds(leaving, 1)
    tidy.run_once(NEVER)

    tidy._leave()
    leaving._leave()

    consumers: Any = stream.client().xinfo_consumers(stream.STREAM, GROUP)
    assert [each["name"] for each in consumers] == ["leaving"]


def test_a_process_that_is_stopped_leaves_the_rest_of_its_batch_pending() -> None:
    publish(3)
    stop = threading.Event()
    reader = shared(lambda _event: stop.set())
    reader.run_once(NEVER)

    reader.run_once(stop)

    assert pending() == 2


def test_ending_without_redis_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = shared(Handler())
    reader._client = redis.Redis(unix_socket_path="/nonexistent/redis.sock")

    reader._leave()


def test_only_another_error_of_redis_than_a_missing_group_is_raised() -> None:
    reader = shared(Handler())
    positions.begin(GROUP, start="oldest")
    stream.client().set(stream.STREAM, "no stream")

    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        reader._take(NEVER)


def test_a_group_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        SharedConsumer("", Handler())
