"""Hook: an address at which another program's webhooks become events, and what has come in there already."""

from django.db import models
from django.db.models.functions import Now

from tasks_app.models.agent import Agent
from tasks_app.models.ids import new_id
from tasks_app.models.owned import OwnedQuerySet
from tasks_app.models.signing import OLD_ENDS, Signing
from tasks_app.states import HookPreset


class HookQuerySet(OwnedQuerySet["Hook"]):
    owner = "agent"


class Hook(Signing):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="hooks")
    name = models.CharField(max_length=100)
    topic = models.CharField(max_length=150, help_text="What its events are about, before what the sender calls them.")
    preset = models.CharField(max_length=20, choices=HookPreset.choices, help_text="How the sender signs.")
    signature_header = models.CharField(max_length=100, blank=True, default="", help_text="Of the preset generic.")
    timestamp_header = models.CharField(max_length=100, blank=True, default="", help_text="Of the preset generic.")
    delivery_header = models.CharField(max_length=100, blank=True, default="", help_text="Of the preset generic.")
    active = models.BooleanField(default=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    received_at = models.DateTimeField(null=True, editable=False, help_text="When the last event came in.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = HookQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(name="hook_has_name", condition=~models.Q(name="")),
            models.CheckConstraint(name="hook_has_topic", condition=~models.Q(topic="")),
            models.CheckConstraint(name="hook_old_secret_ends", condition=OLD_ENDS),
        ]

    def __str__(self) -> str:
        return self.name


class HookReceipt(models.Model):
    """What has come in once: a digest of what tells one delivery from all others, and the event that it became."""

    hook = models.ForeignKey(Hook, on_delete=models.CASCADE, related_name="receipts", db_index=False)
    key = models.CharField(max_length=64)
    event_id = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["hook", "key"], name="receipt_once")]

    def __str__(self) -> str:
        return f"{self.hook_id} {self.key[:12]}"
