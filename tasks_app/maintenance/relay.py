"""Relay: number the outbox's events and publish them to the stream, in order.

The relay alone gives positions, under one lock, to rows that have committed; so positions are dense and no
event can appear behind one that was published before it. What the stream holds is asked of the stream, at
every round: if Redis lost its data, or a relay died between two steps, the events that are missing are simply
the ones published next.
"""

import logging
from typing import Final

from django.db import connection, transaction

from tasks_app import faults
from tasks_app.events import history, stream

BATCH: Final = 500

_LOCK: Final = 0x0D1_4A7  # any number, the same in every relay

logger = logging.getLogger(__name__)

_NUMBER: Final = """
WITH waiting AS MATERIALIZED (
    SELECT id, size FROM tasks_outboxentry WHERE pos IS NULL ORDER BY id LIMIT %s
), numbered AS (
    SELECT id, sum(size) OVER (ORDER BY id) - size AS before FROM waiting
)
UPDATE tasks_outboxentry AS entry
   SET pos = coalesce((SELECT pos + size FROM tasks_outboxentry WHERE pos IS NOT NULL ORDER BY pos DESC LIMIT 1), 1)
             + numbered.before
  FROM numbered
 WHERE entry.id = numbered.id
"""


def run_once(*, batch: int = BATCH) -> dict[str, int]:
    numbered = _number(batch)
    faults.hit("after_number")
    published = _publish(batch)
    return {"numbered": numbered, "published": published, "more": batch in (numbered, published)}


@transaction.atomic
def _number(batch: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0  # another relay is at it
        cursor.execute(_NUMBER, [batch])
        return int(cursor.rowcount)


def _publish(batch: int) -> int:
    """Answers how many events have been added to the stream."""
    newest_published, kept = stream.newest_pos(), history.kept()
    if newest_published > kept.newest > 0:  # read in this order: only another database's events can be ahead
        logger.warning("The stream belongs to another history of this platform: it is begun anew")
        stream.discard()
        newest_published = 0
    missing = history.events(newest_published, limit=batch)
    return stream.append(missing, oldest_pos=kept.oldest) if missing else 0
