"""SkippedOccurrence: the ledger of instants that did not become a run, each with its reason."""

from typing import Self

from django.db import models
from django.db.models.functions import Now

from tasks_app.models.owned import OwnedQuerySet
from tasks_app.models.task import Task
from tasks_app.states import SkipReason


class SkippedOccurrenceQuerySet(OwnedQuerySet["SkippedOccurrence"]):
    owner = "task__created_by"

    def present(self) -> Self:
        return self.filter(task__deleted_at=None)


class SkippedOccurrence(models.Model):
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="skipped_occurrences", db_index=False)
    scheduled_for = models.DateTimeField()
    reason = models.CharField(max_length=20, choices=SkipReason)
    detail = models.CharField(max_length=200, blank=True, default="", db_default="")
    moved_to = models.DateTimeField(null=True, help_text="Where a snooze put it off to.")
    created_at = models.DateTimeField(db_default=Now())

    objects = SkippedOccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ["-scheduled_for"]
        indexes = [
            models.Index(
                fields=["task", "moved_to"], name="skipped_moved_to", condition=models.Q(moved_to__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["task", "scheduled_for"], name="skipped_once_an_instant"),
            models.CheckConstraint(name="skipped_reason_known", condition=models.Q(reason__in=SkipReason.values)),
        ]

    def __str__(self) -> str:
        return f"{self.scheduled_for:%Y-%m-%d %H:%M:%S} {self.reason}"
