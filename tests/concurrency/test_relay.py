"""Events reach the stream in order and without a hole, in whatever order their transactions commit."""

import json
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from tasks_app import queue
from tasks_app.events import outbox, stream
from tasks_app.events.types import EventType
from tasks_app.maintenance import relay
from tasks_app.models import Event, OutboxEntry, Task
from tests.concurrency.another import as_another
from tests.making import claim, make_agent, make_run, make_task, step, told

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]


def published() -> list[dict[str, Any]]:
    entries: Any = stream.client().xrange(stream.STREAM)
    return [json.loads(fields["event"]) for _, fields in entries]


def assert_whole() -> None:
    """Nothing lost, positions dense, and within each aggregate 1, 2, 3 in order."""
    events = published()
    assert [event["pos"] for event in events] == list(range(1, len(told()) + 1))
    seqs: dict[str, list[int]] = {}
    for event in events:
        seqs.setdefault(event["aggregate"], []).append(event["seq"])
    assert all(found == list(range(1, len(found) + 1)) for found in seqs.values())


def in_thread(act: Callable[[], object], failures: list[BaseException]) -> threading.Thread:
    """Begin to do it on a connection of its own."""

    def run() -> None:
        try:
            act()
        except BaseException as failure:  # noqa: BLE001 - shown by an assertion
            failures.append(failure)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def announce(task: Task) -> Event:
    return outbox.record(EventType.TASK_UPDATED, task)


def entry_of(event: Event) -> OutboxEntry:
    return OutboxEntry.objects.get(aggregate_id=event.aggregate.partition(":")[2], seq=event.seq)


def test_an_event_whose_id_was_drawn_first_and_committed_last_is_not_lost() -> None:
    slow, quick = make_task(), make_task()

    with transaction.atomic():
        early = announce(slow)

        def overtake() -> int:
            with transaction.atomic():
                late = announce(quick)
            relay.run_once()
            return entry_of(late).pk

        assert as_another(overtake) > entry_of(early).pk
        assert [event["aggregate"] for event in published()] == [f"task:{quick.pk}"]

    relay.run_once()
    in_order = [f"task:{quick.pk}", f"task:{slow.pk}"]
    assert [event["aggregate"] for event in published()] == in_order

    stream.client().flushdb()
    relay.run_once()
    assert [event["aggregate"] for event in published()] == in_order, "as before, not in the order of ids"
    assert_whole()


def test_writers_that_commit_in_any_order_and_several_relays_lose_nothing() -> None:
    owner = make_agent()
    subjects = [make_task(created_by=owner) for _ in range(4)]
    ended = threading.Event()
    failures: list[BaseException] = []

    def write(nth: int) -> None:
        pause = threading.Event()
        for round_ in range(25):
            with transaction.atomic():
                announce(subjects[(nth + round_) % 4])
                pause.wait((nth + round_) % 3 / 200)

    def relay_until_the_end() -> None:
        while not ended.is_set():
            relay.run_once(batch=7)

    relays = [in_thread(relay_until_the_end, failures) for _ in range(2)]
    writers = [in_thread(partial(write, nth), failures) for nth in range(4)]
    for writer in writers:
        writer.join(60)
    ended.set()
    for each in relays:
        each.join(60)
    while relay.run_once(batch=50)["more"]:
        pass

    assert failures == []
    assert len(told()) == 100
    assert_whole()


def test_only_one_relay_numbers_at_a_time() -> None:
    make_run()

    with transaction.atomic():
        assert relay._number(10) == 1
        assert as_another(lambda: relay.run_once()["numbered"]) == 0


def test_a_batch_of_moves_is_whole_while_relays_are_at_it() -> None:
    task = make_task()
    for _ in range(30):
        make_run(task)

    with transaction.atomic():
        claimed = claim(limit=30)
        as_another(relay.run_once)
        queue.move([queue.succeed(each.lease, steps=[step("a"), step("b")]) for each in claimed])
        as_another(relay.run_once)

    relay.run_once()
    assert len(published()) == 150
    assert_whole()
