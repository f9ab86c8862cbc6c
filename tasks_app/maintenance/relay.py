"""Relay: number the outbox's events and publish them to the stream, in order.

The relay alone gives positions, under one lock, to rows that have committed; so positions are dense and no
event can appear behind one that was published before it. What the stream holds is asked of the stream, at
every round: if Redis lost its data, or a relay died between two steps, the events that are missing are simply
the ones published next.
"""

import logging
from typing import Final

from django.db import connection, transaction
from django.db.models import Max, Min

from tasks_app import faults
from tasks_app.events import stream
from tasks_app.models import OutboxEvent

BATCH: Final = 500

_LOCK: Final = 0x0D1_4A7  # any number, the same in every relay

logger = logging.getLogger(__name__)

_NUMBER: Final = """
WITH waiting AS MATERIALIZED (
    SELECT id FROM tasks_outboxevent WHERE pos IS NULL ORDER BY id LIMIT %s
), numbered AS (
    SELECT id, row_number() OVER (ORDER BY id) AS nth FROM waiting
)
UPDATE tasks_outboxevent AS event
   SET pos = (SELECT coalesce(max(pos), 0) FROM tasks_outboxevent) + numbered.nth
  FROM numbered
 WHERE event.id = numbered.id
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
    newest_published = stream.newest_pos()
    published = OutboxEvent.objects.exclude(pos=None)
    kept = published.aggregate(oldest=Min("pos"), newest=Max("pos"))
    if kept["oldest"] is None:
        return 0
    if newest_published > kept["newest"]:  # read in this order: only another database's events can be ahead
        logger.warning("The stream belongs to another history of this platform: it is begun anew")
        stream.discard()
        newest_published = 0
    missing = list(published.filter(pos__gt=newest_published).order_by("pos")[:batch])
    return stream.append(missing, oldest_pos=kept["oldest"]) if missing else 0
