"""EventWait: a run's step that waits for an event, from the moment it begins to; and the event, once it has come."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tasks_app.models.announcement import Announcement
from tasks_app.models.json_field import JSONField
from tasks_app.models.run import Run
from tasks_app.models.step_log import LONGEST_STEP
from tasks_app.states import FINISHED, RunState, WaitingFor


class EventWaitQuerySet(models.QuerySet["EventWait"]):
    def unheard(self) -> Self:
        return self.filter(event__isnull=True)

    def hearing(self, announced: Announcement) -> Self:
        """Those that began before the event, and that its first pattern has still to be told to, in their order."""
        waits = self.unheard().filter(
            pattern=announced.patterns[0], agent=announced.agent, registered_at__lte=announced.announced_at
        )
        if announced.after_run is not None:
            waits = waits.filter(pk__gt=(announced.after_run, announced.after_step))
        return waits.order_by("run_id", "step")

    def told(self) -> Self:
        """Those whose event has come and whose run has not taken it yet."""
        return self.filter(event__isnull=False, taken=False).order_by("run_id", "step")

    def to_be_let_go(self) -> Self:
        """Those of the told ones whose run has parked, or has ended."""
        parked = Q(run__state=RunState.WAITING, run__waiting_for=WaitingFor.EVENT)
        return self.told().filter(parked | Q(run__state__in=sorted(FINISHED)))


class EventWait(models.Model):
    pk = models.CompositePrimaryKey("run_id", "step")
    # No foreign key in the database: it lives as long as its run, and is deleted with it.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    step = models.CharField(max_length=LONGEST_STEP)
    agent = models.UUIDField(help_text="Whose run it is.")
    pattern = models.CharField(max_length=202)
    match = models.TextField(blank=True, default="", help_text="What has to hold of the event's payload.")
    registered_at = models.DateTimeField(db_default=Now())
    event = JSONField(null=True)
    taken = models.BooleanField(default=False, db_default=False, help_text="The run goes on with it, or has ended.")

    objects = EventWaitQuerySet.as_manager()

    class Meta:
        ordering = ["run_id", "step"]
        indexes = [
            models.Index(
                fields=["pattern", "agent", "run", "step"], name="wait_hears", condition=Q(event__isnull=True)
            ),
            models.Index(fields=["run", "step"], name="wait_told", condition=Q(event__isnull=False) & Q(taken=False)),
        ]
        constraints = [
            models.CheckConstraint(name="wait_taken_has_event", condition=Q(taken=False) | Q(event__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.step}: {self.pattern}"
