"""History: the events as Postgres keeps them, for whoever finds that the stream lacks some."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Min

from tasks_app.events.stream import envelope
from tasks_app.models import OutboxEvent


@dataclass(frozen=True)
class Kept:
    """The positions that Postgres holds: `newest` was given last (0 before the first), `oldest` is not pruned yet."""

    oldest: int
    newest: int


def envelopes(after: int, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` events with a position greater than `after`, in the order of `pos`, as the stream would hold them."""
    return [envelope(row) for row in OutboxEvent.objects.filter(pos__gt=after).order_by("pos")[:limit]]


def kept() -> Kept:
    found = OutboxEvent.objects.aggregate(oldest=Min("pos"), newest=Max("pos"))
    return Kept(oldest=found["oldest"] or 1, newest=found["newest"] or 0)
