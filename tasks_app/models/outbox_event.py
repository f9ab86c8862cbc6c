"""OutboxEvent: a recorded fact, written in the transaction that made it true."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now


class OutboxEvent(models.Model):
    event_id = models.UUIDField(db_default=RandomUUID(), editable=False)
    # Dense, and given by the relay alone: rows commit in another order than their ids were drawn.
    pos = models.BigIntegerField(null=True, unique=True)
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
        ]

    def __str__(self) -> str:
        return f"{self.aggregate} {self.seq} {self.type}"

    @property
    def aggregate(self) -> str:
        return f"{self.aggregate_kind}:{self.aggregate_id}"
