"""Events that were published, and a consumer that writes down what it was given."""

import threading
from datetime import timedelta
from typing import Any

from django.db import transaction

from tasks_app.events import outbox, stream
from tasks_app.events.consumer import Consumer
from tasks_app.events.event import Event
from tasks_app.events.types import EventType
from tasks_app.maintenance import relay
from tasks_app.models import Task
from tasks_app.services import audit
from tasks_app.services.actor import SYSTEM
from tests.making import make_task

NEVER = threading.Event()


def publish(number: int, *, about: Task | None = None, **data: Any) -> Task:
    """So many events about one task, numbered and on the stream."""
    subject = record(number, about=about, **data)
    relay_all()
    return subject


def record(number: int, *, about: Task | None = None, **data: Any) -> Task:
    subject = about or make_task()
    for _ in range(number):
        with transaction.atomic():
            outbox.record(EventType.TASK_UPDATED, subject, **data)
    return subject


def relay_all() -> None:
    while relay.run_once(batch=50)["more"]:
        pass


def note(event: Event) -> None:
    """An effect in Postgres: one entry of the audit for each time that the event was handled."""
    task = Task.objects.get(pk=event.aggregate.removeprefix("task:"))
    audit.note("noted", task, actor=SYSTEM, pos=event.pos, id=str(event.id))


def consumer(handle: Any = note, *, group: str = "readers", **options: Any) -> Consumer:
    """One that begins before the oldest event and never waits for long."""
    made = Consumer(group, handle, **{"start": "oldest", "lease": timedelta(seconds=30)} | options)
    made._reader._wait = 0.01
    return made


def read_all(reader: Consumer) -> int:
    """Rounds until nothing more comes; answers how many events there were."""
    total = 0
    while handled := reader.run_once(NEVER):
        total += handled
    return total


def on_stream() -> list[int]:
    entries: Any = stream.client().xrange(stream.STREAM)
    return [int(entry_id.partition("-")[0]) for entry_id, _ in entries]
