"""What can be asked about events: publish one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from pipelines.values import UnfitValue, ValueTooLarge, spend
from schedules.topics import InvalidTopic, Topic
from tasks_app import event_waits
from tasks_app.events import outbox, wakeup
from tasks_app.exceptions import CausationTooDeep, Fault, InvalidRequest
from tasks_app.models import Agent, Event, Task
from tasks_app.models.task import TaskQuerySet
from tasks_app.planning.advance import lock_dedupe_keys
from tasks_app.planning.answer import Happening, answer
from tasks_app.services.actor import Actor
from tasks_app.states import Trigger

MAX_PAYLOAD_BYTES: Final = 256_000
DEEPEST_CAUSATION: Final = 8


@dataclass(frozen=True)
class Published:
    """An event, and the runs that it has made."""

    event: Event
    runs: tuple[UUID, ...]


def publish(publisher: Agent, topic: str, payload: Mapping[str, Any], *, actor: Actor, causation: int = 0) -> Published:
    """Record that something has happened outside, in one transaction with what it does: each task that listens gets its run,
    and it is announced to the runs that wait for it, to go on right after.

    An event is its publisher's, and an agent sees only what is its own: it reaches the publisher's tasks, and those of all
    agents when the publisher is an admin. causation: how many events, each published by a run of the one before, led to
    this one. Raises `InvalidRequest` for what is no topic or cannot be stored, `CausationTooDeep` when they are more than eight.
    """
    about = _checked(topic, payload)
    if causation > DEEPEST_CAUSATION:
        raise CausationTooDeep(
            f"This event follows from {causation} others: tasks must not set each other off without end."
        )
    with transaction.atomic():
        return _published(publisher, about, payload, request_id=actor.request_id, causation=causation)


def listeners(agent: Agent) -> TaskQuerySet:
    """The tasks that events of this agent may reach: its own, or for an admin all, that listen to any."""
    return Task.objects.owned_by(agent).listening()


def _published(
    publisher: Agent, topic: Topic, payload: Mapping[str, Any], *, request_id: str, causation: int
) -> Published:
    listening = (
        listeners(publisher).filter(schedule_expr__in=topic.patterns).for_planning("planned_until").order_by("id")
    )
    tasks = list(listening.select_for_update(of=("self",)))
    lock_dedupe_keys(tasks)
    _lock_agents(publisher, tasks)
    event = outbox.record_external(topic.name, publisher, payload=payload, request_id=request_id, causation=causation)
    # Two events of one microsecond are two instants all the same.
    at = max([event.at, *(task.planned_until + timedelta(microseconds=1) for task in tasks)])
    told = {"id": str(event.id), "topic": topic.name, "payload": payload, "at": event.at.isoformat()}
    given = {"event": told, "causation": causation}
    runs = answer(tasks, Happening(trigger=Trigger.EVENT, at=at, given=given, request_id=request_id))
    event_waits.announce(told, topic, publisher=publisher)
    if runs:
        wakeup.send_after_commit()
    return Published(event, tuple(runs))


def _lock_agents(publisher: Agent, tasks: list[Task]) -> None:
    """All the agents' rows that this will write, in the order in which the tick locks them, too: after the dedupe keys."""
    limited = Q(pk__in={task.created_by_id for task in tasks}, runs_per_day__isnull=False)
    rows = Agent.objects.filter(limited | Q(pk=publisher.pk)).order_by("pk")
    list(rows.select_for_update().values_list("pk"))


def _checked(topic: str, payload: Mapping[str, Any]) -> Topic:
    found: list[Fault] = []
    try:
        about = Topic(topic)
    except InvalidTopic as invalid:
        found.append(Fault("/topic", f"{invalid}."))
    try:
        spend(dict(payload), MAX_PAYLOAD_BYTES)
    except ValueTooLarge:
        cure = f"The payload is larger than {MAX_PAYLOAD_BYTES // 1000} kB: publish where the data is to be found."
        found.append(Fault("/payload", cure))
    except UnfitValue as unfit:
        found.append(Fault(f"/payload{unfit.pointer}", f"{unfit.reason}."))
    if found:
        raise InvalidRequest(*found)
    return about
