"""Destination: something outside that runs call, and whether it is called now."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Now

from tasks_app.models.agent import Agent
from tasks_app.models.ids import new_id
from tasks_app.states import BreakerState


class DestinationQuerySet(models.QuerySet["Destination"]):
    def seen_by(self, agent: Agent) -> Self:
        """All for an admin; for others those that one of their own runs waits for."""
        return self if agent.is_admin else self.filter(name__in=_waited_for_by(agent))

    def in_numbers(self, *, now: datetime) -> models.QuerySet[Any, Any]:
        """What an operator asks of each, with the sums of its window at `now`, the database's time."""
        window = CallTally.objects.filter(destination=OuterRef("pk"), number__gt=int(now.timestamp()) // 10 - 6)
        waiting = PostponedCall.objects.filter(destination=OuterRef("name"), promised_at__gt=now)
        numbers: models.QuerySet[Any, Any] = self.annotate(
            calls=_sum(window, "calls"),
            failures=_sum(window, "failures"),
            retries=_sum(window, "retries"),
            waiting=_sum(waiting, None),
        ).values(
            "id", "state", "calls", "failures", "retries", "waiting", "opened_at", "next_trial_at", "trial_until",
            "called_at", destination=F("name"),
        )  # fmt: skip
        return numbers


class Destination(models.Model):
    """`name` is a tool's address, with the host and the port where there is one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=300, unique=True)
    state = models.CharField(
        max_length=20, choices=BreakerState, default=BreakerState.CLOSED, db_default=BreakerState.CLOSED
    )
    streak = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Failures since the last call that succeeded."
    )
    failing_since = models.DateTimeField(null=True, help_text="When the first of the streak was told.")
    opened_at = models.DateTimeField(null=True)
    openings = models.PositiveIntegerField(
        default=0, db_default=0, help_text="One after another: each doubles the cool-down."
    )
    recovering_since = models.DateTimeField(null=True)
    next_trial_at = models.DateTimeField(null=True)
    trial = models.BigIntegerField(default=0, db_default=0, help_text="Counts the trials: only the newest one decides.")
    trial_until = models.DateTimeField(null=True, help_text="When the trial under way is given up for lost.")
    return_rate = models.FloatField(
        default=1.0, db_default=1.0, help_text="Calls per second at most until all that waited have been let through."
    )
    called_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True, help_text="When a call last succeeded.")

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
            models.CheckConstraint(
                name="destination_recovers_since",
                condition=Q(state=BreakerState.RECOVERING, recovering_since__isnull=False)
                | ~Q(state=BreakerState.RECOVERING) & Q(recovering_since=None),
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
            models.Index(fields=["destination", "promised_at"], name="postponed_to"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} waits for {self.destination}"


def _sum(rows: models.QuerySet[Any], column: str | None) -> Coalesce:
    """Over the rows that refer to the outer one; of no column, how many they are."""
    total: Any = models.Sum(column) if column else models.Count("*")
    found = rows.order_by().annotate(everything=Value(1)).values("everything").annotate(total=total).values("total")
    return Coalesce(Subquery(found), 0, output_field=models.IntegerField())


def _waited_for_by(agent: Agent) -> models.QuerySet[PostponedCall, str]:
    return PostponedCall.objects.filter(agent_id=agent.pk, promised_at__gt=Now()).values_list("destination", flat=True)
