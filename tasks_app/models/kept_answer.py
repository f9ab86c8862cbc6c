"""KeptAnswer: what a request under an Idempotency-Key was answered, as long as the same is answered again."""

from datetime import timedelta
from typing import Final

from django.db import models
from django.db.models.functions import Now

from tasks_app.models.json_field import JSONField

KEPT_FOR: Final = timedelta(hours=24)


class KeptAnswer(models.Model):
    """Whose key it is, and at which address, is in its `id` alone: a digest of the three."""

    id = models.UUIDField(primary_key=True, editable=False)
    request = models.UUIDField(help_text="A digest of the body and the query.")
    status = models.PositiveSmallIntegerField()
    headers = JSONField()
    body = models.BinaryField(help_text="Compressed (zlib); encrypted by the vault beforehand where it holds a secret.")
    is_sealed = models.BooleanField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["at"]
        indexes = [models.Index(fields=["at"], name="kept_answer_age")]

    def __str__(self) -> str:
        return f"{self.status} of {self.at}"
