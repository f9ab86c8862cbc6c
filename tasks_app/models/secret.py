"""Secret: a value that tools send to their hosts, and that nobody ever reads back."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tasks_app.models.agent import Agent
from tasks_app.models.ids import new_id
from tasks_app.models.owned import OwnedQuerySet


class SecretQuerySet(OwnedQuerySet["Secret"]):
    owner = "owner"

    def seen_by(self, agent: Agent) -> Self:
        """Its own and everybody's, without their values; all for an admin."""
        return self if agent.is_admin else self.filter(Q(owner=agent) | Q(owner=None))


class Secret(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    owner = models.ForeignKey(
        Agent,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="kept_secrets",
        help_text="The agent whose runs may use it; empty for all.",
    )
    hosts = ArrayField(models.CharField(max_length=260), help_text="Where it may be sent: names, or *.example.org.")
    sealed = models.TextField(editable=False, help_text="The value, encrypted (Fernet).")
    key_id = models.CharField(max_length=16, editable=False, help_text="Which key encrypted it.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    rotated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = SecretQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="secret_one_a_name", nulls_distinct=False),
            models.CheckConstraint(name="secret_has_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name
