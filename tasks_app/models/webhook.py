"""Webhook: an agent's wish to be sent its events, how far that has come, and what was sent.

pos          up to here every event that was wanted is delivered
wanted_pos   up to here events are known; beyond `pos` there is something to send
"""

from typing import Final, Self
from urllib.parse import urlsplit

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tasks_app.models.agent import Agent
from tasks_app.models.ids import new_id
from tasks_app.models.owned import OwnedQuerySet
from tasks_app.models.signing import OLD_ENDS, Signing
from tasks_app.states import DeliveryState

GROUP: Final = "webhooks"  # of the readers of events: its position says up to where it is noted who wants what


class WebhookQuerySet(OwnedQuerySet["Webhook"]):
    owner = "agent"

    def deliverable(self) -> Self:
        """Switched on, with somewhere to go, of agents that may read events now."""
        may_read = Q(agent__scopes__contains=["events:read"]) | Q(agent__scopes__contains=["admin"])
        somewhere = ~Q(url="") | ~Q(agent__webhook_url="")
        return self.filter(may_read, somewhere, active=True, agent__active=True)

    def free(self) -> Self:
        """Those that no process delivers, or whose deliverer has let its lease end."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lte=Now()))


class Webhook(Signing):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(
        max_length=2000, blank=True, default="", db_default="", help_text="Empty: the agent's `webhook_url`."
    )
    event_types = ArrayField(models.CharField(max_length=220), help_text="Exact, or branches such as run.*.")
    active = models.BooleanField(default=True)
    pos = models.BigIntegerField(editable=False)
    wanted_pos = models.BigIntegerField(editable=False)
    term = models.BigIntegerField(default=0, db_default=0, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    next_at = models.DateTimeField(db_default=Now(), editable=False, help_text="No try before.")
    failures = models.PositiveIntegerField(default=0, db_default=0, editable=False, help_text="In succession.")
    failing_since = models.DateTimeField(null=True, editable=False)
    disabled_reason = models.CharField(max_length=500, blank=True, default="", db_default="", editable=False)
    missed = models.BigIntegerField(
        default=0, db_default=0, editable=False, help_text="Events that were pruned before they could be sent."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="webhook_pos_in_order", condition=Q(wanted_pos__gte=models.F("pos"))),
            models.CheckConstraint(name="webhook_failing_since", condition=Q(failures=0) | ~Q(failing_since=None)),
            models.CheckConstraint(name="webhook_old_secret_ends", condition=OLD_ENDS),
        ]

    def __str__(self) -> str:
        """Of an address its host alone: a path may hold what proves who sends."""
        host = urlsplit(self.url).hostname or "the agent's webhook_url"
        return f"{host} {', '.join(self.event_types)}"


class WebhookDeliveryQuerySet(OwnedQuerySet["WebhookDelivery"]):
    owner = "webhook__agent"


class WebhookDelivery(models.Model):
    """One event to one webhook: what its last try came to."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    pos = models.BigIntegerField()
    event_id = models.UUIDField()
    event_type = models.CharField(max_length=220)
    state = models.CharField(max_length=20, choices=DeliveryState.choices)
    attempts = models.PositiveIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True, help_text="That the receiver answered, if it did.")
    error = models.CharField(max_length=500, blank=True, default="")
    duration_ms = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(db_default=Now(), help_text="Of the last try.")
    replay_asked_at = models.DateTimeField(null=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-pos"]
        indexes = [
            models.Index(fields=["webhook"], name="delivery_replay", condition=~Q(replay_asked_at=None)),
        ]
        constraints = [models.UniqueConstraint(fields=["webhook", "pos"], name="delivery_one_an_event")]

    def __str__(self) -> str:
        return f"{self.event_type} {self.pos} {self.state}"
