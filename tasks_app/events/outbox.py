"""The outbox: an event is a row of the transaction that made it true.

The row of the aggregate is locked first and its `event_seq` raised; only then is the event inserted. So
within one aggregate the order of ids, of `seq` and of commits is the same.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import models, transaction

from tasks_app.events.types import EXTERNAL, EventType
from tasks_app.models import Agent, OutboxEvent, Run, Task, Worker

_KINDS: dict[type[models.Model], str] = {Task: "task", Run: "run", Agent: "agent", Worker: "worker"}


def record(
    event_type: EventType,
    subject: Task | Run | Agent | Worker,
    *,
    agent: UUID | None = None,
    request_id: str = "",
    causation: int = 0,
    **data: Any,
) -> OutboxEvent:
    """Record what has happened to `subject`, whose row stays locked until the transaction ends."""
    return _append(event_type, subject, agent=agent, request_id=request_id, causation=causation, data=data)


def record_external(
    topic: str, publisher: Agent, *, payload: Mapping[str, Any], request_id: str = "", causation: int = 0
) -> OutboxEvent:
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
) -> OutboxEvent:
    assert transaction.get_connection().in_atomic_block, "an event belongs to the transaction of its change"
    rows: models.QuerySet[Any] = models.QuerySet(type(subject)).filter(pk=subject.pk)
    rows.update(event_seq=models.F("event_seq") + 1)
    subject.event_seq = rows.values_list("event_seq", flat=True).get()
    return OutboxEvent.objects.create(
        type=event_type,
        aggregate_kind=_KINDS[type(subject)],
        aggregate_id=subject.pk,
        seq=subject.event_seq,
        agent=agent,
        request_id=request_id,
        causation=causation,
        data=data,
    )
