"""The audit: one entry for each change, in the transaction of the change."""

from collections.abc import Iterable
from typing import Any, Final

from django.db import models

from tasks_app.models import AuditEntry
from tasks_app.models.insertion import insert
from tasks_app.services.actor import Actor

_AT_ONCE: Final = 500  # rows of one statement


def note(action: str, subject: models.Model, *, actor: Actor, **details: Any) -> None:
    """Write down that `actor` did `action` to `subject`. `details` must hold no secret."""
    insert(entry(action, subject, actor=actor, details=details))


def note_all(changes: Iterable[tuple[str, models.Model, dict[str, Any]]], *, actor: Actor) -> None:
    """The same of many changes, in their order: each is an action, its subject, and its details."""
    entries = [entry(action, subject, actor=actor, details=details) for action, subject, details in changes]
    AuditEntry.objects.bulk_create(entries, batch_size=_AT_ONCE)


def entry(action: str, subject: models.Model, *, actor: Actor, details: dict[str, Any]) -> AuditEntry:
    """The same, yet to be inserted."""
    return AuditEntry(
        actor=actor.label,
        action=action,
        object_kind=type(subject).__name__.lower(),
        object_id=subject.pk,
        request_id=actor.request_id,
        details=details,
    )
