"""The relay publishes every committed event once, in order, whatever happens to Redis or to another relay."""

import json
from typing import Any

import pytest
import redis
from django.db import connection

from tasks_app import faults, queue
from tasks_app.events import history, outbox, stream
from tasks_app.events.types import EventType
from tasks_app.maintenance import relay
from tasks_app.models import OutboxEntry
from tests.making import claim, make_run, make_task, step, the_event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]


def make_events(runs: int = 5) -> int:
    """Runs that were queued, started, did two steps and succeeded: five events each."""
    task = make_task()
    for _ in range(runs):
        make_run(task)
    queue.move([queue.succeed(each.lease, steps=[step("a"), step("b")]) for each in claim()])
    return runs * 5


def published() -> list[dict[str, Any]]:
    entries: Any = stream.client().xrange(stream.STREAM)
    return [json.loads(fields["event"]) for _, fields in entries]


def relay_all() -> None:
    while relay.run_once(batch=7)["more"]:
        pass


def test_events_are_published_densely_numbered_and_in_order() -> None:
    made = make_events()

    relay_all()

    events = published()
    assert [event["pos"] for event in events] == list(range(1, made + 1))
    by_aggregate: dict[str, list[int]] = {}
    for event in events:
        by_aggregate.setdefault(event["aggregate"], []).append(event["seq"])
    assert all(seqs == [1, 2, 3, 4, 5] for seqs in by_aggregate.values())


def test_an_event_reads_as_its_row() -> None:
    make_events(1)
    relay_all()

    row = the_event("run.succeeded")
    event = published()[-1]
    assert event == row.envelope
    assert event["aggregate"] == OutboxEntry.objects.latest("id").aggregate
    assert event["data"]["state"] == "succeeded"
    assert set(event) == {
        "id", "pos", "type", "aggregate", "seq", "at", "agent", "request_id", "causation", "data",
    }  # fmt: skip


def test_the_oldest_events_are_numbered_first_wherever_they_lie_on_the_disk() -> None:
    made = make_events()
    for event in OutboxEntry.objects.order_by("-id"):
        OutboxEntry.objects.filter(pk=event.pk).update(request_id="written anew")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")

    relay_all()

    assert len(published()) == made
    by_pos = OutboxEntry.objects.order_by("pos").values_list("id", flat=True)
    assert list(by_pos) == sorted(by_pos)


def test_nothing_is_published_twice() -> None:
    made = make_events()
    relay_all()
    relay_all()

    assert len(published()) == made


def test_what_redis_lost_is_filled_in_again() -> None:
    made = make_events()
    relay_all()
    stream.client().flushdb()

    relay_all()

    assert [event["pos"] for event in published()] == list(range(1, made + 1))


def test_a_redis_that_fell_back_a_little_gets_only_what_it_lost() -> None:
    made = make_events()
    relay_all()
    entries: Any = stream.client().xrange(stream.STREAM)
    stream.client().delete(stream.STREAM)
    for entry_id, fields in entries[:9]:
        stream.client().xadd(stream.STREAM, fields, id=entry_id)

    relay_all()

    assert [event["pos"] for event in published()] == list(range(1, made + 1))


def test_a_relay_that_dies_between_numbering_and_publishing_loses_nothing() -> None:
    made = make_events()

    def die() -> None:
        raise SystemExit

    faults.plant("after_number", die)
    with pytest.raises(SystemExit):
        relay.run_once()
    assert published() == []
    faults.clear()

    relay_all()
    assert len(published()) == made


def test_a_relay_that_slept_cannot_leave_a_hole_in_a_stream_that_was_emptied() -> None:
    make_events()
    relay_all()
    late = history.events(20, limit=100)
    stream.client().flushdb()

    assert stream.append(late, oldest_pos=1) == 0

    relay_all()
    assert [event["pos"] for event in published()] == list(range(1, 26))


def test_the_stream_may_begin_at_the_oldest_event_that_is_still_kept() -> None:
    make_events()
    relay_all()
    oldest = OutboxEntry.objects.order_by("-pos")[1]
    OutboxEntry.objects.filter(pos__lt=oldest.pos).delete()
    stream.client().flushdb()

    relay_all()

    assert [event["pos"] for event in published()] == list(range(oldest.pos, 26))


def test_positions_go_on_after_the_published_events_were_pruned() -> None:
    make_events(2)
    relay_all()
    newest = OutboxEntry.objects.latest("pos")
    OutboxEntry.objects.exclude(pk=newest.pk).delete()

    make_events(1)
    relay_all()

    assert [event["pos"] for event in published()] == list(range(1, 16))


def test_a_stream_that_another_database_filled_is_begun_anew() -> None:
    """Postgres was restored from a backup, or is new: else its events would count as published for ever."""
    for pos in (1, 2, 1000):
        stream.client().xadd(stream.STREAM, {"event": json.dumps({"pos": pos, "type": "foreign"})}, id=f"{pos}-0")
    made = make_events()

    relay_all()

    assert [event["pos"] for event in published()] == list(range(1, made + 1))
    assert "foreign" not in {event["type"] for event in published()}


def test_a_relay_whose_view_is_old_does_not_take_the_stream_for_a_foreign_one(monkeypatch: pytest.MonkeyPatch) -> None:
    make_events()
    relay_all()
    newest_pos = stream.newest_pos

    def another_goes_on_meanwhile() -> int:
        monkeypatch.setattr(stream, "newest_pos", newest_pos)
        before = newest_pos()
        make_events()
        relay_all()
        return before

    monkeypatch.setattr(stream, "newest_pos", another_goes_on_meanwhile)
    relay.run_once()

    assert [event["pos"] for event in published()] == list(range(1, 51))


def test_many_large_events_are_sent_in_parts_that_redis_can_take_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_events()
    monkeypatch.setattr(stream, "MOST_BYTES", 1000)

    first = relay.run_once()["published"]
    assert 1 <= first < 5
    monkeypatch.setattr(stream, "MOST_BYTES", 1)
    assert relay.run_once()["published"] == 1, "one that is larger than that goes by itself"
    while relay.run_once()["published"]:
        pass

    assert [event["pos"] for event in published()] == list(range(1, made + 1))


def test_a_batch_of_the_largest_events_reaches_the_stream() -> None:
    task = make_task()
    for _ in range(50):
        outbox.record(EventType.TASK_UPDATED, task, text="x" * (outbox.MAX_DATA_BYTES - 20))

    while relay.run_once()["published"]:
        pass

    assert len(published()) == 50


def test_an_empty_outbox_publishes_nothing() -> None:
    assert relay.run_once() == {"numbered": 0, "published": 0, "more": False}


def test_trimming_keeps_the_newest_and_whatever_a_group_has_not_finished_with() -> None:
    make_events(4)
    relay_all()
    client = stream.client()

    client.xgroup_create(stream.STREAM, "slow", id="0")
    client.xreadgroup("slow", "consumer", {stream.STREAM: ">"}, count=6)
    client.xack(stream.STREAM, "slow", "1-0", "2-0")
    stream.trim(keep=5, at_most=20)
    assert published()[0]["pos"] <= 3

    client.xgroup_destroy(stream.STREAM, "slow")
    stream.trim(keep=5, at_most=20)
    assert published()[-1]["pos"] == 20


def test_a_redis_that_does_not_answer_is_named_and_loses_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_events()
    nobody = redis.Redis(unix_socket_path="/nonexistent/redis.sock", decode_responses=True)
    with monkeypatch.context() as away:
        away.setattr(stream, "client", lambda: nobody)
        with pytest.raises(stream.StreamUnreachable, match="Redis does not answer"):
            relay.run_once()

    relay_all()

    assert len(published()) == made
