"""A consumer is given every event once, in order, whatever became of the stream meanwhile."""

import json
import logging
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import redis

from tasks_app.events import history, positions, stream
from tasks_app.events.consumer import Consumer
from tasks_app.events.event import Event
from tasks_app.events.positions import PositionLost
from tasks_app.models import AuditEntry, ConsumerPosition, OutboxEntry
from tests.integration.events.reading import NEVER, consumer, note, on_stream, publish, read_all, record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]


def noted() -> list[int]:
    """The positions of the events that had their effect, in the order of the effects."""
    return [entry.details["pos"] for entry in AuditEntry.objects.filter(action="noted").order_by("id")]


def position() -> ConsumerPosition:
    return ConsumerPosition.objects.get(group="readers")


def test_every_event_is_handled_once_and_in_order() -> None:
    subject = publish(5)
    reader = consumer(batch=2)

    assert read_all(reader) == 5
    publish(2, about=subject)
    assert read_all(reader) == 2

    assert noted() == [1, 2, 3, 4, 5, 6, 7]
    assert position().pos == 7


def test_an_event_is_given_as_it_was_recorded() -> None:
    given: list[Event] = []
    publish(1, price=20)

    read_all(consumer(given.append))

    row = OutboxEntry.objects.get().events()[0]
    [event] = given
    assert (event.id, event.pos, event.type, event.aggregate) == (row.id, 1, "task.updated", row.aggregate)
    assert (event.seq, event.at, event.agent, event.data) == (1, row.at, None, {"price": 20})
    assert event == row


def test_a_new_group_begins_behind_the_newest_event_unless_it_asks_for_the_oldest() -> None:
    publish(3)
    OutboxEntry.objects.filter(pos=1).delete()
    new, old = consumer(group="readers", start="newest"), consumer(group="old", start="oldest")
    assert (read_all(new), read_all(old)) == (0, 2)

    publish(1)

    assert read_all(new) == 1
    assert noted() == [2, 3, 4]


def test_a_group_that_was_known_goes_on_where_it_was_wherever_it_asks_to_begin() -> None:
    publish(2)
    first = consumer()
    read_all(first)
    first._let_go()
    publish(2)

    assert read_all(consumer(start="newest")) == 2


def test_what_the_stream_lost_is_read_from_postgres() -> None:
    publish(4)
    stream.client().flushdb()

    assert read_all(consumer()) == 4
    assert noted() == [1, 2, 3, 4]


def test_a_consumer_that_lags_when_redis_loses_everything_misses_nothing() -> None:
    subject = publish(6)
    reader = consumer(batch=3)
    reader.run_once(NEVER)
    stream.client().flushdb()

    publish(4, about=subject)

    read_all(reader)
    assert noted() == list(range(1, 11))


def test_what_was_trimmed_before_it_was_read_is_read_from_postgres() -> None:
    publish(10)
    stream.client().xtrim(stream.STREAM, minid=8, approximate=False)
    assert on_stream() == [8, 9, 10]

    read_all(consumer(batch=4))

    assert noted() == list(range(1, 11))


def test_holes_in_the_stream_are_filled_from_postgres() -> None:
    publish(6)
    stream.client().xdel(stream.STREAM, "2-0", "4-0", "5-0")

    read_all(consumer())

    assert noted() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("fields", [{"event": "{"}, {"other": "x"}, {"event": json.dumps({"pos": 3})}])
def test_an_entry_that_the_relay_did_not_write_is_read_from_postgres(fields: dict[str, str]) -> None:
    publish(2)
    subject = record(1)
    stream.client().xadd(stream.STREAM, fields, id="3-0")
    publish(1, about=subject)

    read_all(consumer())

    assert noted() == [1, 2, 3, 4]


def test_an_event_under_another_position_than_its_own_is_not_believed() -> None:
    publish(2)
    stream.client().delete(stream.STREAM)
    moved = json.dumps(history.events(1, 1)[0].envelope)
    stream.client().xadd(stream.STREAM, {"event": moved, "seal": stream.seal(2, moved)}, id="1-0")

    read_all(consumer())

    assert noted() == [1, 2]


def test_without_redis_events_are_read_from_postgres(caplog: pytest.LogCaptureFixture) -> None:
    publish(3)
    reader = consumer()
    reader._reader._client = redis.Redis(unix_socket_path="/nonexistent/redis.sock")
    with caplog.at_level(logging.WARNING):
        read_all(reader)

    assert noted() == [1, 2, 3]
    assert len([line for line in caplog.messages if "read from Postgres" in line]) == 1


def test_events_that_nobody_keeps_any_more_are_named_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    publish(2)
    reader = consumer()
    read_all(reader)
    publish(6)
    OutboxEntry.objects.filter(pos__lte=5).delete()
    stream.client().xtrim(stream.STREAM, minid=6, approximate=False)

    read_all(reader)

    assert noted() == [1, 2, 6, 7, 8]
    assert (position().pos, position().missed) == (8, 3)
    assert "events 3 to 5 are not kept any more" in caplog.text


def test_what_the_stream_still_has_is_not_missed_though_postgres_forgot_it() -> None:
    publish(4)
    reader = consumer(batch=2)
    reader.run_once(NEVER)
    OutboxEntry.objects.filter(pos__lt=4).delete()

    read_all(reader)

    assert noted() == [1, 2, 3, 4]
    assert position().missed == 0


def test_an_effect_and_the_position_are_one_transaction() -> None:
    publish(3)
    broken = True

    def fail_at_the_second(event: Event) -> None:
        note(event)
        if broken and event.pos == 2:
            raise SystemExit

    reader = consumer(fail_at_the_second)
    with pytest.raises(SystemExit):
        read_all(reader)
    assert (noted(), position().pos) == ([1], 1)

    broken = False
    read_all(reader)
    assert noted() == [1, 2, 3]


def test_only_one_process_of_a_group_reads_at_a_time() -> None:
    publish(2)
    first, second = consumer(batch=1), consumer(batch=1)

    assert [first.run_once(NEVER), second.run_once(NEVER), first.run_once(NEVER), second.run_once(NEVER)] == [
        1,
        0,
        1,
        0,
    ]


def test_another_takes_over_when_the_lease_has_ended_and_the_first_writes_nothing_more() -> None:
    subject = publish(3)
    effects: list[str] = []

    def of(name: str) -> Callable[[Event], None]:
        return lambda event: effects.append(f"{name} {event.pos}")

    first, second = consumer(of("first"), batch=1), consumer(of("second"), batch=1)
    first.run_once(NEVER)
    ConsumerPosition.objects.update(lease_until=positions.Now() - timedelta(seconds=1))
    second.run_once(NEVER)

    with pytest.raises(PositionLost):
        first.run_once(NEVER)
    read_all(second)
    publish(1, about=subject)

    assert first._outlived(NEVER) == 0
    assert first.run_once(NEVER) == 0, "it stands by"
    assert effects == ["first 1", "second 2", "second 3"]
    assert position().pos == 3


def test_a_consumer_that_is_stopped_hands_over_at_once() -> None:
    publish(1)
    stop = threading.Event()
    first = consumer(lambda _: stop.set())

    first.run_once(stop)
    positions.release(first._hold)  # type: ignore[arg-type]

    assert consumer().run_once(NEVER) == 0
    assert position().term == 2


def test_an_idle_consumer_keeps_its_group() -> None:
    publish(1)
    reader = consumer()
    read_all(reader)
    before = position().lease_until

    reader.run_once(NEVER)

    assert position().lease_until > before  # type: ignore[operator]


def test_a_commit_that_was_not_answered_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    publish(3)
    reader = consumer(batch=1)
    reader.run_once(NEVER)
    ConsumerPosition.objects.update(pos=2)  # it had committed
    reader._unsure = True

    read_all(reader)

    assert noted() == [1, 3]


def test_a_position_is_moved_only_from_where_the_mover_believes_it_to_be() -> None:
    positions.begin("readers", start="oldest")
    lease = timedelta(seconds=30)
    hold, _ = positions.claim("readers", holder="one", lease=lease)  # type: ignore[misc]
    positions.advance(hold, pos=0, to=3, lease=lease)

    with pytest.raises(PositionLost, match="another process"):
        positions.advance(hold, pos=0, to=2, lease=lease)
    with pytest.raises(PositionLost):
        positions.of(positions.Hold("readers", hold.term - 1))

    assert positions.of(hold) == 3


def test_a_group_without_a_name_and_a_batch_of_nothing_are_refused() -> None:
    for group in ("", "x" * 101):
        with pytest.raises(ValueError, match="1 to 100"):
            Consumer(group, note)
    with pytest.raises(ValueError, match="at least one"):
        Consumer("readers", note, batch=0)


def test_the_oldest_wanted_event_is_that_of_the_group_furthest_behind() -> None:
    assert positions.oldest_wanted() is None
    ConsumerPosition.objects.create(group="a", pos=7)
    ConsumerPosition.objects.create(group="b", pos=4)

    assert positions.oldest_wanted() == 5
    assert str(position_of("b")) == "b at 4"


def position_of(group: str) -> ConsumerPosition:
    return ConsumerPosition.objects.get(group=group)
