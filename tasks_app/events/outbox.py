"""The outbox: an event is a row of the transaction that made it true.

The row of the aggregate is locked first and its `event_seq` raised; only then is the event inserted. So
within one aggregate the order of ids, of `seq` and of commits is the same.
"""

from typing import Any
from uuid import UUID

from django.db import models, transaction

from tasks_app.events.types import EventType
from tasks_app.models import Agent, OutboxEvent, Run, Task

_KINDS: dict[type[models.Model], str] = {Task: "task", Run: "run", Agent: "agent"}


def record(
    event_type: EventType,
    subject: Task | Run | Agent,
    *,
    agent: UUID | None = None,
    request_id: str = "",
    causation: int = 0,
    **data: Any,
) -> OutboxEvent:
    """Record what has happened to `subject`, whose row stays locked until the transaction ends."""
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
