"""Backlog: chosen events from Postgres, a bounded portion at a time, for whoever is behind."""

from dataclasses import dataclass
from typing import Final

from tasks_app.events import history
from tasks_app.events.choice import Choice
from tasks_app.models import Event, OutboxEntry

LIMIT: Final = 200
_WINDOW: Final = 20_000  # positions that one statement looks at: of a reader that wants few, most are not its own


@dataclass(frozen=True, slots=True)
class Portion:
    """Every chosen event behind where the reader was, up to `reached`.

    pruned_to: the last position that nobody keeps any more, if the reader had not come so far: what lay before is lost.
    """

    events: list[Event]
    reached: int
    pruned_to: int | None = None


def read(choice: Choice, *, after: int, until: int, limit: int = LIMIT) -> Portion:
    """The next portion behind `after`, in the order of `pos`; `until` is the last position of interest."""
    oldest = history.kept().oldest
    if oldest > after + 1:
        return Portion([], oldest - 1, pruned_to=oldest - 1)
    numbered = OutboxEntry.objects.exclude(pos=None)
    # The next one may be in the middle of an entry: positions are dense, so it is in the last that begins before it.
    begins = numbered.filter(pos__lte=after + 1).order_by("-pos").values_list("pos", flat=True).first()
    last = min(until, after + _WINDOW)
    in_window = numbered.filter(pos__gte=begins or after, pos__lte=last)
    entries = list(choice.narrowed(in_window).order_by("pos")[:limit])
    events = [event for entry in entries for event in entry.events() if event.pos > after and choice.takes(event)]
    end = _end_of(entries[-1]) if entries else 0
    return Portion(events, end if len(entries) == limit else max(end, last))


def _end_of(entry: OutboxEntry) -> int:
    assert entry.pos is not None
    return entry.pos + entry.size - 1
