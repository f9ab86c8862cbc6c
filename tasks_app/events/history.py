"""History: the events as Postgres keeps them, for whoever finds that the stream lacks some."""

from dataclasses import dataclass

from django.db.models import F

from tasks_app.models import Event, OutboxEntry


@dataclass(frozen=True)
class Kept:
    """The positions that Postgres holds: `newest` was given last (0 before the first), `oldest` is not pruned yet."""

    oldest: int
    newest: int


def events(after: int, limit: int) -> list[Event]:
    """Up to `limit` events with a position greater than `after`, in the order of `pos`."""
    numbered = OutboxEntry.objects.exclude(pos=None)
    # The next one may be in the middle of an entry: positions are dense, so it is in the last that begins before it.
    begins = numbered.filter(pos__lte=after + 1).order_by("-pos").values_list("pos", flat=True).first()
    entries = numbered.filter(pos__gte=begins or after).order_by("pos")[: limit + 1]
    return [event for event in entries.events() if event.pos > after][:limit]


def kept() -> Kept:
    numbered = OutboxEntry.objects.exclude(pos=None)
    oldest = numbered.order_by("pos").values_list("pos", flat=True).first()
    newest = numbered.order_by("-pos").values_list(F("pos") + F("size") - 1, flat=True).first()
    return Kept(oldest=oldest or 1, newest=newest or 0)
