"""Announcement: an event that some of an agent's waiting runs may be waiting for, and how far it has been told to them."""

from django.db import models
from django.db.models.functions import Now

from tasks_app.models.json_field import JSONField
from tasks_app.models.kept_json import KeptJSONField
from tasks_app.models.step_log import LONGEST_STEP


class Announcement(models.Model):
    id = models.BigAutoField(primary_key=True)
    agent = models.UUIDField(help_text="Whose runs may wait for it.")
    event = KeptJSONField()
    announced_at = models.DateTimeField(db_default=Now(), help_text="What begins to wait later does not hear it.")
    patterns = JSONField(help_text="Those that it is still to be told to; the first one's waits are being told.")
    after_run = models.UUIDField(null=True, help_text="Of the first pattern's waits, those up to this one were told.")
    after_step = models.CharField(max_length=LONGEST_STEP, blank=True, default="")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["agent", "id"], name="announced_in_order")]

    def __str__(self) -> str:
        return f"{self.pk} to {self.agent}: {', '.join(self.patterns)}"
