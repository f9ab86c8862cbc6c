"""OutboxEvent: a recorded fact, written in the transaction that made it true."""

from uuid import UUID, uuid5

from django.db import models
from django.db.models.functions import Now


class OutboxEvent(models.Model):
    # Dense, and given by the relay alone: rows commit in another order than their ids were drawn.
    pos = models.BigIntegerField(null=True)
    type = models.CharField(max_length=60)
    aggregate_kind = models.CharField(max_length=10)
    aggregate_id = models.UUIDField()
    seq = models.PositiveIntegerField(help_text="Dense within the aggregate, from 1.")
    at = models.DateTimeField(db_default=Now())
    agent = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    causation = models.PositiveSmallIntegerField(default=0, db_default=0)
    data = models.JSONField(default=dict)

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
