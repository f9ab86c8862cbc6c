"""The audit: one entry for each change, in the transaction of the change."""

from typing import Any

from django.db import models

from tasks_app.models import AuditEntry
from tasks_app.services.actor import Actor


def note(action: str, subject: models.Model, *, actor: Actor, **details: Any) -> None:
    """Write down that `actor` did `action` to `subject`. `details` must hold no secret."""
    AuditEntry.objects.create(
        actor=actor.label,
        action=action,
        object_kind=type(subject).__name__.lower(),
        object_id=subject.pk,
        request_id=actor.request_id,
        details=details,
    )
