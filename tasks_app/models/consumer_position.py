"""ConsumerPosition: how far a group of readers has come with the events, and which of its processes is at it."""

from typing import Self

from django.db import models
from django.db.models.functions import Now


class ConsumerPositionQuerySet(models.QuerySet["ConsumerPosition"]):
    def free(self) -> Self:
        """Those that nobody holds, or whose holder has let its lease end."""
        return self.filter(models.Q(lease_until=None) | models.Q(lease_until__lte=Now()))

    def held_under(self, group: str, *, term: int) -> Self:
        return self.filter(group=group, term=term)


class ConsumerPosition(models.Model):
    group = models.CharField(max_length=100, primary_key=True)
    pos = models.BigIntegerField(default=0, db_default=0, help_text="The last event whose effects are committed.")
    term = models.BigIntegerField(default=0, db_default=0, help_text="Raised whenever another process takes over.")
    holder = models.CharField(max_length=100, blank=True, default="", db_default="")
    lease_until = models.DateTimeField(null=True)
    deliveries = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often the event after `pos` was begun without success."
    )
    missed = models.BigIntegerField(
        default=0, db_default=0, help_text="Events that were pruned before the group had read them."
    )
    moved_at = models.DateTimeField(db_default=Now(), help_text="When `pos` was last written.")

    objects = ConsumerPositionQuerySet.as_manager()

    class Meta:
        ordering = ["group"]
        constraints = [
            models.CheckConstraint(name="consumer_has_group", condition=~models.Q(group="")),
            models.CheckConstraint(name="consumer_pos_not_negative", condition=models.Q(pos__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.group} at {self.pos}"
