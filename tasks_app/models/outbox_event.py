"""OutboxEvent: a recorded fact, written in the transaction that made it true."""

from typing import Final, Self
from uuid import UUID, uuid5

from django.db import models
from django.db.models.functions import Now

from tasks_app.models.agent import Agent

_RECENT: Final = 100_000


class OutboxEventQuerySet(models.QuerySet["OutboxEvent"]):
    def seen_by(self, agent: Agent) -> Self:
        """Those of what is its own, or all for an admin."""
        return self if agent.is_admin else self.filter(agent=agent.pk)

    def recent(self) -> Self:
        """The newest hundred thousand of the deployment, as many as the stream holds: no list walks further back."""
        newest = OutboxEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
        return self.filter(id__gt=newest - _RECENT)


class OutboxEvent(models.Model):
    # Dense, and given by the relay alone: rows commit in another order than their ids were drawn.
    pos = models.BigIntegerField(null=True)
    type = models.CharField(max_length=220)  # external.<topic> is the longest
    aggregate_kind = models.CharField(max_length=10)
    aggregate_id = models.UUIDField()
    seq = models.PositiveIntegerField(help_text="Dense within the aggregate, from 1.")
    at = models.DateTimeField(db_default=Now())
    agent = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    causation = models.PositiveSmallIntegerField(default=0, db_default=0)
    data = models.JSONField(default=dict)

    objects = OutboxEventQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["id"], name="event_unnumbered", condition=models.Q(pos=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["aggregate_id", "seq"], name="event_order_in_aggregate"),
            # Partial: an event is written without a position, and an entry for that would be waste.
            models.UniqueConstraint(fields=["pos"], name="event_one_a_position", condition=~models.Q(pos=None)),
        ]

    def __str__(self) -> str:
        return f"{self.aggregate} {self.seq} {self.type}"

    @property
    def event_id(self) -> UUID:
        """What consumers know it by (RFC 9562, version 5): the same however often it is asked for."""
        return uuid5(self.aggregate_id, str(self.seq))

    @property
    def aggregate(self) -> str:
        return f"{self.aggregate_kind}:{self.aggregate_id}"
