"""What something is signed with: a secret, and the one before it, as long as both are good."""

from typing import Final

from django.db import models
from django.db.models import Q

OLD_ENDS: Final = Q(old_sealed="", old_secret_until=None) | ~Q(old_sealed="") & Q(old_secret_until__isnull=False)


class Signing(models.Model):
    sealed = models.TextField(editable=False, help_text="What is signed with, encrypted (Fernet).")
    key_id = models.CharField(max_length=16, editable=False, help_text="Which key encrypted it.")
    old_sealed = models.TextField(blank=True, default="", db_default="", editable=False)
    old_secret_until = models.DateTimeField(
        null=True, editable=False, help_text="When the secret before this one ends to be good."
    )

    class Meta:
        abstract = True
