"""Finding: the position of an event of which only the id is known.

The id is made of the aggregate and of `seq` by a hash, which no index knows: the newest events are looked through.
"""

from typing import Final
from uuid import UUID, uuid5

from tasks_app.models import OutboxEntry

_CHUNK: Final = 2_000


def pos_of(event_id: UUID, *, seen_by: UUID | None) -> int | None:
    """Of an event among the newest hundred thousand that the agent may see; None for any other."""
    numbered = OutboxEntry.objects.recent().exclude(pos=None)
    if seen_by is not None:
        numbered = numbered.filter(agent=seen_by)
    before: int | None = None
    while True:
        older = numbered if before is None else numbered.filter(id__lt=before)
        rows = list(older.order_by("-id").values_list("id", "aggregate_id", "seq", "pos", "size")[:_CHUNK])
        for _, aggregate, seq, pos, size in rows:
            for nth in range(size):
                if uuid5(aggregate, str(seq + nth)) == event_id:
                    assert pos is not None
                    return pos + nth
        if len(rows) < _CHUNK:
            return None
        before = rows[-1][0]
