"""AuditEntry: who changed what, or was refused, written in the transaction of the change and never altered."""

from django.db import models
from django.db.models.functions import Now

from tasks_app.models.json_field import JSONField


class AuditEntry(models.Model):
    """The table takes no UPDATE, DELETE or TRUNCATE; `tasks_prune_audit` alone forgets the oldest."""

    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=160, help_text="agent:<id>, user:<name> or system.")
    action = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=20)
    object_id = models.UUIDField()
    request_id = models.CharField(max_length=64, blank=True, default="")
    details = JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["object_id", "-id"], name="audit_of_object"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.object_kind}:{self.object_id}"
