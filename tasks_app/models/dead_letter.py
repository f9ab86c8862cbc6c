"""DeadLetter: an event that a group of readers could not handle, kept until somebody asks for it again."""

from typing import Final, Self

from django.db import models
from django.db.models.functions import Now

from tasks_app.models.ids import new_id
from tasks_app.models.json_field import JSONField

LONGEST_ERROR: Final = 2000


class DeadLetterQuerySet(models.QuerySet["DeadLetter"]):
    def asked_for(self) -> Self:
        """Those that an operator wants to be delivered once more."""
        return self.exclude(asked_at=None)


class DeadLetter(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.CharField(max_length=100)
    pos = models.BigIntegerField()
    event_id = models.UUIDField()
    event_type = models.CharField(max_length=220)
    event = JSONField(help_text="The event itself: the outbox may have forgotten it when it is asked for.")
    error_class = models.CharField(max_length=200)
    error_text = models.CharField(max_length=LONGEST_ERROR, blank=True)
    deliveries = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=Now())
    asked_at = models.DateTimeField(null=True, help_text="Since when it waits to be delivered once more.")

    objects = DeadLetterQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["group", "event_id"], name="dead_letter_once_a_group")]
        indexes = [
            models.Index(fields=["group", "pos"], name="dead_letter_asked_for", condition=~models.Q(asked_at=None)),
            models.Index(fields=["at"], name="dead_letter_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} at {self.pos} for {self.group}"
