"""OperatorIdentity: who an operator is at the identity provider that let them in."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class OperatorIdentity(models.Model):
    """Nothing but issuer and subject tells one person from another: names and addresses are given to others in time."""

    id = models.UUIDField(primary_key=True, editable=False, help_text="Made from issuer and subject.")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identity")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "operator identities"
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once")]

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"

    @staticmethod
    def id_of(issuer: str, subject: str) -> uuid.UUID:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{issuer} {subject}")
