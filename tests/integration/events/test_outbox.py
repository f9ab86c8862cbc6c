"""An event belongs to the transaction of its change and has its place among those of its subject."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from tasks_app import queue
from tasks_app.events import outbox
from tasks_app.events.types import EventType
from tasks_app.models import AuditEntry, OutboxEntry, Run, SkippedOccurrence, StepLog, Task
from tests.making import attempts_of, claim_one, make_agent, make_run, make_task, step, the_event, told

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("make", [make_agent, make_task, make_run], ids=["agent", "task", "run"])
def test_events_of_a_subject_are_counted_from_where_it_stands(make: Any) -> None:
    subject = make()
    before = subject.event_seq

    events = [outbox.record(EventType.TASK_UPDATED, subject, nth=nth) for nth in range(3)]

    assert [event.seq for event in events] == [before + 1, before + 2, before + 3]
    subject.refresh_from_db()
    assert subject.event_seq == before + 3
    assert events[0].aggregate == f"{type(subject).__name__.lower()}:{subject.pk}"


def test_the_place_is_the_databases_and_not_what_the_caller_had_read() -> None:
    task = make_task()
    stale = Task.objects.get(pk=task.pk)
    outbox.record(EventType.TASK_UPDATED, task)

    assert outbox.record(EventType.TASK_UPDATED, stale).seq == 2


def test_an_event_keeps_who_asked_and_what_it_followed_from() -> None:
    agent = uuid.uuid4()

    outbox.record(EventType.TASK_PAUSED, make_task(), agent=agent, request_id="r", causation=2, reason="rain")

    event = the_event()
    assert (event.agent, event.request_id, event.causation, event.data) == (agent, "r", 2, {"reason": "rain"})
    assert event.pos == 0


def test_an_event_is_known_by_the_same_id_however_often_it_is_read() -> None:
    task, other = make_task(), make_task()
    events = [outbox.record(EventType.TASK_UPDATED, each) for each in (task, task, other)]

    read = [event.id for event in told()]

    assert read == [event.id for event in events]
    assert len(set(read)) == 3


@pytest.mark.parametrize("character", ["x", "\u20ac", "\U0001f600", "\\"])
def test_an_event_of_more_than_256_kilobytes_is_refused_with_its_change(character: str) -> None:
    task = make_task()
    size = len(json.dumps(character, ensure_ascii=False).encode()) - 2
    fits = (outbox.MAX_DATA_BYTES - len('{"text":""}')) // size * character

    outbox.record(EventType.TASK_UPDATED, task, text=fits)
    with pytest.raises(outbox.EventTooLarge, match=r"task\.updated has \d+ bytes of data, and 262144 are allowed"):
        outbox.record(EventType.TASK_UPDATED, task, text=fits + 4 * character)

    task.refresh_from_db()
    assert (task.event_seq, OutboxEntry.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_an_event_without_the_transaction_of_its_change_is_refused() -> None:
    task = make_task()

    with pytest.raises(AssertionError, match="transaction"):
        outbox.record(EventType.TASK_UPDATED, task)


@pytest.mark.django_db(transaction=True)
def test_an_event_of_a_change_that_did_not_happen_did_not_happen_either() -> None:
    task = make_task()

    with transaction.atomic():
        outbox.record(EventType.TASK_UPDATED, task)
        transaction.set_rollback(True)

    task.refresh_from_db()
    assert task.event_seq == 0
    assert not told()


def test_rows_say_what_they_are_about() -> None:
    task = make_task(title="Water the plants")
    run = make_run(task)
    claimed = claim_one()
    event = OutboxEntry.objects.telling("run.started").get()

    assert (str(task), str(task.created_by)) == ("Water the plants", task.created_by.name)
    assert str(task.definitions.get()) == "Water the plants (version 1)"
    assert str(Run.objects.get(pk=run.pk)) == f"{run.pk} running"
    assert str(event) == f"run:{claimed.id} 2 run.started"
    queue.apply(queue.succeed(claimed.lease, steps=[step("pour")]))
    skipped = SkippedOccurrence(scheduled_for=datetime(2026, 3, 1, 9, tzinfo=UTC), reason="paused")
    entry = AuditEntry(actor="user:ann", action="run.canceled", object_kind="run", object_id=run.pk)
    assert [str(row) for row in (attempts_of(run)[-1], StepLog.objects.get(), skipped, entry)] == [
        "attempt 1: succeeded",
        "pour: succeeded",
        "2026-03-01 09:00:00 paused",
        f"user:ann run.canceled run:{run.pk}",
    ]


def test_a_task_knows_how_its_newest_run_went() -> None:
    fresh, task = make_task(), make_task()
    make_run(task)
    queue.apply(queue.succeed(claim_one().lease))
    newest = make_run(task)

    [seen] = Task.objects.filter(pk=task.pk).with_last_run()
    assert (seen.last_run_at, seen.last_status) == (None, "queued")
    started = claim_one().started_at
    [seen] = Task.objects.filter(pk=task.pk).with_last_run()
    assert (seen.last_run_at, seen.last_status) == (started, "running")
    [seen] = Task.objects.filter(pk=fresh.pk).with_last_run()
    assert (seen.last_run_at, seen.last_status) == (None, None)
    assert newest.task == task
