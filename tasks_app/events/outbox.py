"""The outbox: events are rows of the transaction that made them true.

The row of the aggregate is locked first and its `event_seq` raised; only then is the event inserted. So
within one aggregate the order of ids, of `seq` and of commits is the same.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connection, models, transaction

from tasks_app.events.types import EXTERNAL, EventType
from tasks_app.models import Agent, Event, OutboxEntry, Run, Task, Worker
from tasks_app.models.insertion import insert

MAX_DATA_BYTES: Final = 262_144  # as JSON in UTF-8: what any reader must be ready for
_AT_ONCE: Final = 200  # rows of one statement

_NEXT_SEQS: Final = """
UPDATE tasks_task SET event_seq = event_seq + 1 WHERE id = ANY(%(tasks)s::uuid[]) RETURNING id, event_seq
"""

_KINDS: dict[type[models.Model], str] = {Task: "task", Run: "run", Agent: "agent", Worker: "worker"}


class EventTooLarge(ValueError):
    """The data of an event is more than a reader has to be ready for; neither the event nor its change is written."""


def record(
    event_type: EventType,
    subject: Task | Run | Agent | Worker,
    *,
    agent: UUID | None = None,
    request_id: str = "",
    causation: int = 0,
    **data: Any,
) -> Event:
    """Record what has happened to `subject`, whose row stays locked until the transaction ends.

    Raises `EventTooLarge` for more than 256 kB of data.
    """
    return _append(event_type, subject, agent=agent, request_id=request_id, causation=causation, data=data)


def first_of(
    task: Task, facts: Sequence[tuple[EventType, Mapping[str, Any]]], *, agent: UUID, request_id: str = ""
) -> OutboxEntry:
    """What tells the first events of a task; both are yet to be inserted, in one transaction. Sets the task's `event_seq`.

    Raises `EventTooLarge`.
    """
    for event_type, data in facts:
        _refuse_large(event_type, data)
    task.event_seq = len(facts)
    return OutboxEntry(
        aggregate_kind=_KINDS[Task],
        aggregate_id=task.pk,
        seq=1,
        size=len(facts),
        agent=agent,
        request_id=request_id,
        facts=[[event_type, data] for event_type, data in facts],
    )


def record_first(
    firsts: Iterable[tuple[Task, Sequence[tuple[EventType, Mapping[str, Any]]]]], *, agent: UUID, request_id: str = ""
) -> None:
    """Record the first events of tasks that are yet to be inserted, in the same transaction: their `event_seq` is set."""
    entries = [first_of(task, facts, agent=agent, request_id=request_id) for task, facts in firsts]
    OutboxEntry.objects.bulk_create(entries, batch_size=_AT_ONCE)


def record_each(event_type: EventType, told: Sequence[tuple[Task, Mapping[str, Any]]], *, request_id: str = "") -> None:
    """Record the same of many tasks, each once and with its own data, in a few statements; their rows stay locked, as above.

    Raises `EventTooLarge`.
    """
    assert transaction.get_connection().in_atomic_block, "an event belongs to the transaction of its change"
    for _, data in told:
        _refuse_large(event_type, data)
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_SEQS, {"tasks": [task.pk for task, _ in told]})
        seqs: dict[UUID, int] = dict(cursor.fetchall())
    for task, _ in told:
        task.event_seq = seqs[task.pk]
    entries = [
        OutboxEntry(
            aggregate_kind=_KINDS[Task],
            aggregate_id=task.pk,
            seq=task.event_seq,
            agent=task.created_by_id,
            request_id=request_id,
            facts=[[event_type, data]],
        )
        for task, data in told
    ]
    OutboxEntry.objects.bulk_create(entries, batch_size=_AT_ONCE)


def record_external(
    topic: str, publisher: Agent, *, payload: Mapping[str, Any], request_id: str = "", causation: int = 0
) -> Event:
    """Record what `publisher` says has happened outside, as `external.<topic>`; its row stays locked as above."""
    event_type = f"{EXTERNAL}{topic}"
    return _append(event_type, publisher, agent=publisher.pk, request_id=request_id, causation=causation, data=payload)


def _append(  # noqa: PLR0913  the columns of an event, by keyword
    event_type: str,
    subject: Task | Run | Agent | Worker,
    *,
    agent: UUID | None,
    request_id: str,
    causation: int,
    data: Mapping[str, Any],
) -> Event:
    assert transaction.get_connection().in_atomic_block, "an event belongs to the transaction of its change"
    _refuse_large(event_type, data)
    subject.event_seq = _next_seq(subject)
    entry = OutboxEntry(
        aggregate_kind=_KINDS[type(subject)],
        aggregate_id=subject.pk,
        seq=subject.event_seq,
        agent=agent,
        request_id=request_id,
        causation=causation,
        facts=[[event_type, data]],
    )
    insert(entry)
    return entry.events()[0]


def _next_seq(subject: Task | Run | Agent | Worker) -> int:
    """Raised and read by one statement, which leaves the row locked. Raises `ObjectDoesNotExist` when it has gone."""
    table = connection.ops.quote_name(subject._meta.db_table)  # noqa: SLF001 - Django documents it
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET event_seq = event_seq + 1 WHERE id = %s RETURNING event_seq", [subject.pk])  # noqa: S608
        row = cursor.fetchone()
    if row is None:
        raise type(subject).DoesNotExist
    raised: int = row[0]
    return raised


def _refuse_large(event_type: str, data: Mapping[str, Any]) -> None:
    size = len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(errors="replace"))
    if size > MAX_DATA_BYTES:
        cure = "tell where the data is to be found"
        raise EventTooLarge(f"{event_type} has {size} bytes of data, and {MAX_DATA_BYTES} are allowed: {cure}.")
