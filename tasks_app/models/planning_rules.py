"""PlanningRules: by which release of the zone rules and the holidays the tasks are planned."""

from django.db import models
from django.db.models.functions import Now


class PlanningRules(models.Model):
    """One row. While `next_version` is set, tasks are being planned anew, in the order of their ids."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.CharField(max_length=100)
    next_version = models.CharField(max_length=100, blank=True, default="")
    replanned_to = models.UUIDField(null=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(name="planning_rules_one_row", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return self.version
