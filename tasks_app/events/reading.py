"""Which events come next? Asked of the stream, and of Postgres for whatever the stream does not have.

The stream is quick and wakes its readers; Postgres is the truth. Positions are dense, so an event that the stream
lacks (trimmed, flushed, lost in a failover, never arrived) is seen by the gap that it leaves.
"""

import hmac
import json
import logging
import threading
from typing import Any, cast

import redis

from tasks_app.events import history, stream
from tasks_app.events.event import Event, InvalidEnvelope
from tasks_app.events.stream import STREAM, WAIT_SECONDS, blocking_client

logger = logging.getLogger(__name__)


def parsed(entry: tuple[str, dict[str, str] | None]) -> Event | None:
    """The event of an entry; None for one that was trimmed while it was pending, or that no relay of ours has written."""
    entry_id, fields = entry[0], entry[1] or {}
    try:
        body = fields["event"]
        event = Event.read(json.loads(body))
        is_ours = hmac.compare_digest(fields["seal"].encode(), stream.seal(event.pos or 0, body).encode())
    except (KeyError, ValueError, InvalidEnvelope):
        return None
    return event if is_ours and entry_id == f"{event.pos}-0" else None


def dense(events: list[Event]) -> list[Event]:
    """As many of the events as follow the first without a gap."""
    return [event for nth, event in enumerate(events) if event.pos == events[0].pos + nth]


class Reader:
    """Reads what follows a position, without a consumer group: the position is the reader's own to keep."""

    def __init__(self, *, wait: float = WAIT_SECONDS) -> None:
        self._client = blocking_client(wait=wait)
        self._wait = wait
        self._reachable = True
        self._passed_over = False

    def next(self, *, after: int, limit: int, stop: threading.Event) -> list[Event]:
        """Up to `limit` events behind `after`, in order and without a gap between them; none after a while of nothing.

        The first one is not the next only when neither the stream nor Postgres has the next any more.
        """
        found = self._from_stream(after, limit, stop)
        if found and found[0].pos == after + 1:
            return dense(found)
        kept = history.events(after, limit)
        if self._passed_over and not kept and not found:
            stop.wait(self._wait)  # what is not ours would be answered again at once
        nearest = min((events for events in (kept, found) if events), key=lambda events: events[0].pos, default=[])
        return dense(nearest)

    def close(self) -> None:
        self._client.close()

    def _from_stream(self, after: int, limit: int, stop: threading.Event) -> list[Event]:
        """What the stream holds behind `after`, but for what cannot be read; nothing while Redis does not answer."""
        try:
            answer = self._client.xread({STREAM: f"{after}-0"}, count=limit, block=int(self._wait * 1000))
        except (redis.RedisError, UnicodeDecodeError) as error:
            self._tell(reachable=False, why=str(error))
            stop.wait(self._wait)
            return []
        self._tell(reachable=True)
        streams = cast("list[tuple[str, list[Any]]]", answer or [])
        entries = [entry for _, read in streams for entry in read]
        events = [event for event in map(parsed, entries) if event]
        self._passed_over = bool(entries) and not events
        return events

    def _tell(self, *, reachable: bool, why: str = "") -> None:
        if reachable != self._reachable:
            self._reachable = reachable
            logger.warning("events are read from %s", f"{STREAM} again" if reachable else f"Postgres: {why}")
