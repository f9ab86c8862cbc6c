"""Beat schedulers in the test's own process, and what they send: messages of a broker in memory."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import Celery
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from kombu import Connection
from kombu.transport.memory import Channel

from schedules.beat.models import TaskRecurrence
from schedules.beat.scheduler import DatabaseScheduler

QUEUE = "sink"


@contextmanager
def an_app(**conf: Any) -> Iterator[Celery]:
    app = Celery("beat-tests", broker="memory://", set_as_current=False)
    app.conf.update(result_expires=None, timezone="UTC", task_default_queue=QUEUE, **conf)
    try:
        yield app
    finally:
        app.close()
        Channel.queues.clear()


class Sent:
    """What has been sent and not yet looked at."""

    def __init__(self, app: Celery) -> None:
        self._connection: Connection = app.connection_for_read()

    def all(self, *queues: str) -> list[dict[str, Any]]:
        """The headers of each message, its arguments and its properties."""
        found = []
        for queue in queues or (QUEUE,):
            with self._connection.SimpleQueue(queue) as simple:
                while len(simple):
                    message = simple.get_nowait()
                    arguments, keywords, _ = json.loads(message.body)
                    found.append(message.headers | message.properties | {"args": arguments, "kwargs": keywords})
                    message.ack()
        return found

    def names(self) -> list[str]:
        return [message["periodic_task_name"] for message in self.all()]


def ago(**by: float) -> datetime:
    return datetime.now(UTC) - timedelta(**by)


def often(name: str, **more: Any) -> PeriodicTask:
    """A periodic task of every hour that was last run two hours ago."""
    interval, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.HOURS)
    values = {"task": "report", "interval": interval, "last_run_at": ago(hours=2)} | more
    return PeriodicTask.objects.create(name=name, **values)


def recurring(name: str, rule: str = "FREQ=HOURLY", **more: Any) -> PeriodicTask:
    """A periodic task that was last run two hours ago and follows the rule."""
    carrier, _ = IntervalSchedule.objects.get_or_create(every=20_000, period=IntervalSchedule.DAYS)
    values = {"task": "report", "interval": carrier, "last_run_at": ago(hours=2)} | more
    task = PeriodicTask.objects.create(name=name, **values)
    TaskRecurrence.objects.create(periodic_task=task, rrule=rule, dtstart="2026-01-01T00:00:00")
    return task


def tick_all(scheduler: DatabaseScheduler) -> None:
    """Until nothing more is due now."""
    for _ in range(100):
        if scheduler.tick() > 0:
            return
    raise AssertionError("it does not come to rest")
