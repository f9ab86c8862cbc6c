"""Calendar: a named set of dates, on which tasks do not run or run on another day."""

from typing import Self

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.functions import Now

from tasks_app.models.agent import Agent
from tasks_app.models.ids import new_id
from tasks_app.models.json_field import JSONField
from tasks_app.models.owned import OwnedQuerySet


class CalendarQuerySet(OwnedQuerySet["Calendar"]):
    owner = "created_by"

    def seen_by(self, agent: Agent) -> Self:
        """Its own and the shared ones; everything for an admin."""
        return self if agent.is_admin else self.filter(models.Q(created_by=agent) | models.Q(shared=True))

    def called(self, name: str, *, by: Agent) -> "Calendar | None":
        """What `by` means with a name: its own calendar goes before one that somebody shares.

        An admin sees others' private ones and never means them: anybody could put one in the way.
        """
        meant = self.filter(models.Q(created_by=by) | models.Q(shared=True), name=name).order_by("id")
        return min(meant, key=lambda each: each.created_by_id != by.pk, default=None)

    def changed(self) -> Self:
        """Those whose tasks are still planned by an older version."""
        return self.filter(version__gt=models.F("replanned_version"))


class Calendar(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True, default="", validators=[MaxLengthValidator(2000)])
    created_by = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="calendars", db_index=False)
    shared = models.BooleanField(default=False, help_text="Every agent may use it.")
    definition = JSONField(help_text="Which dates: see docs/calendars.md.")
    fetched = JSONField(default=dict, editable=False, help_text="What each ics_url last answered.")
    fetched_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False, help_text="Raised by whatever changes its dates.")
    replanned_version = models.PositiveIntegerField(default=1, editable=False)
    replanned_to = models.UUIDField(null=True, editable=False, help_text="The last task planned anew so far.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = CalendarQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["created_by", "name"], name="calendar_one_a_name"),
            models.CheckConstraint(name="calendar_has_name", condition=~models.Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name
