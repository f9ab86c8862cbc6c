"""Worker: a process that works on the queue, as it last told of itself."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Now

from tasks_app.models.clock import database_now
from tasks_app.models.ids import new_id
from tasks_app.states import WorkerState


class WorkerQuerySet(models.QuerySet["Worker"]):
    def at_work(self) -> Self:
        return self.filter(state__in=[WorkerState.RUNNING, WorkerState.STOPPING])

    def silent(self, *, since: timedelta) -> Self:
        """Those at work that have not told of themselves for so long."""
        return self.at_work().filter(seen_at__lt=database_now() - since)


class Worker(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100, unique=True, help_text="As runs name it: host, process and a random part.")
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    threads = models.PositiveIntegerField(help_text="Runs that it may have under way.")
    held = models.PositiveIntegerField(default=0, db_default=0, help_text="Runs in its hands.")
    state = models.CharField(max_length=20, choices=WorkerState, default=WorkerState.RUNNING)
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now(), help_text="Its last heartbeat, by the database's clock.")
    event_seq = models.PositiveIntegerField(default=0, db_default=0)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["host", "pid"]
        constraints = [
            models.CheckConstraint(name="worker_state_known", condition=models.Q(state__in=WorkerState.values)),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"
