"""Destination: something outside that runs call, and whether it is called now."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tasks_app.models.agent import Agent
from tasks_app.models.ids import new_id
from tasks_app.states import BreakerState


class DestinationQuerySet(models.QuerySet["Destination"]):
    def seen_by(self, agent: Agent) -> Self:
        """All for an admin; for others those that one of their own runs waits for."""
        return self if agent.is_admin else self.filter(name__in=_waited_for_by(agent))


class Destination(models.Model):
    """`name` is a tool's address, with the host and the port where there is one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=300, unique=True)
    state = models.CharField(
        max_length=20, choices=BreakerState, default=BreakerState.CLOSED, db_default=BreakerState.CLOSED
    )
    opened_at = models.DateTimeField(null=True)
    openings = models.PositiveIntegerField(
        default=0, db_default=0, help_text="One after another: each doubles the cool-down."
    )
    next_trial_at = models.DateTimeField(null=True)
    trial = models.BigIntegerField(default=0, db_default=0, help_text="Counts the trials: only the newest one decides.")
    trial_until = models.DateTimeField(null=True, help_text="When the trial under way is given up for lost.")
    return_rate = models.FloatField(
        default=1.0, db_default=1.0, help_text="Calls per second at most until all that waited have been let through."
    )
    called_at = models.DateTimeField(db_default=Now())

    objects = DestinationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index(fields=["name"], name="destination_troubled", condition=~Q(state=BreakerState.CLOSED)),
            models.Index(fields=["called_at"], name="destination_age"),
        ]
        constraints = [
            models.CheckConstraint(name="destination_state_known", condition=Q(state__in=BreakerState.values)),
            models.CheckConstraint(
                name="destination_open_has_times",
                condition=Q(state=BreakerState.OPEN, opened_at__isnull=False, next_trial_at__isnull=False)
                | ~Q(state=BreakerState.OPEN) & Q(next_trial_at=None, trial_until=None),
            ),
            models.CheckConstraint(name="destination_returns", condition=Q(return_rate__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name


class CallTally(models.Model):
    """What became of the calls of ten seconds. Six such rows, used in turn, are a destination's rolling window."""

    pk = models.CompositePrimaryKey("destination_id", "slot")
    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="tallies", db_index=False)
    slot = models.PositiveSmallIntegerField()
    number = models.BigIntegerField(help_text="Of the ten seconds, counted from the epoch.")
    calls = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    retries = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="tally_in_its_slot", condition=Q(slot=models.F("number") % 6)),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.failures} of {self.calls}"


class RateLine(models.Model):
    """How far the calls under one rate have come, and how far those that wait in line for it reach."""

    name = models.CharField(max_length=320, primary_key=True)
    used_until = models.DateTimeField(help_text="The next call may begin then: the cell rate algorithm's arrival time.")
    line_until = models.DateTimeField(help_text="Whoever gets in line now is called then.")

    def __str__(self) -> str:
        return self.name


class PostponedCall(models.Model):
    """A run's place in line: its call may begin at `promised_at`. Lost with no harm but a place at the end."""

    # No foreign key: a place outlives its run by no more than a day.
    run_id = models.UUIDField(primary_key=True)
    agent_id = models.UUIDField()
    destination = models.CharField(max_length=300)
    since = models.DateTimeField(db_default=Now())
    promised_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["promised_at"], name="postponed_age"),
            models.Index(fields=["agent_id"], name="postponed_of_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} waits for {self.destination}"


def _waited_for_by(agent: Agent) -> models.QuerySet[PostponedCall, str]:
    return PostponedCall.objects.filter(agent_id=agent.pk).values_list("destination", flat=True)
