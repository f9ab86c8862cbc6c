"""Fair order: agents take turns in the queue, however many runs one of them has in it.

Start-time fair queuing (Goyal, Vin, Cheng: "Start-time Fair Queueing", 1996): every run gets a place on a line of time when
it is planned, one step after the agent's run before it, yet not before the place that is being served. So of two agents
with a backlog each has half, one that comes later is served at once, and the claim stays a walk along one index.

Each process remembers only the places that it gave out itself: no row is locked for it. What several processes give to
one agent may lie side by side, so its share is uncertain by their number, as it is for everyone else.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tasks_app import queue_sql

STEP: Final = timedelta(milliseconds=1)
_LOOK_EVERY: Final = 1.0  # seconds


@dataclass(slots=True)
class _Front:
    """What is served next under one priority: the place of the first queued run, or the time when there is none."""

    place: datetime
    is_free: bool
    seen: float  # monotonic seconds

    def now(self) -> datetime:
        return self.place + timedelta(seconds=time.monotonic() - self.seen) if self.is_free else self.place


class FairOrder:
    """Gives out places. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fronts: dict[int, _Front] = {}
        self._last: dict[tuple[int, UUID], datetime] = {}

    def places(self, runs: Sequence[tuple[int, UUID]]) -> list[datetime]:
        """A place (UTC, by the database's clock) for each run, by its priority and agent, in the order given."""
        with self._lock:
            self._look({priority for priority, _ in runs})
            return [self._next(priority, agent) for priority, agent in runs]

    def _next(self, priority: int, agent: UUID) -> datetime:
        front, last = self._fronts[priority].now(), self._last.get((priority, agent))
        place = self._last[priority, agent] = front if last is None else max(front, last + STEP)
        return place

    def _look(self, priorities: set[int]) -> None:
        now = time.monotonic()
        stale = [
            level for level in priorities if level not in self._fronts or now - self._fronts[level].seen > _LOOK_EVERY
        ]
        if not stale:
            return
        rows: list[Any] = queue_sql.execute(queue_sql.FRONTS, {"priorities": stale})
        for priority, clock, first in rows:
            self._fronts[priority] = front = _Front(first or clock, first is None, now)
            for key in [key for key, last in self._last.items() if key[0] == priority]:
                if front.is_free or self._last[key] < front.place:
                    del self._last[key]  # it has been served whatever it had: nothing is held against it


fair_order: Final = FairOrder()
