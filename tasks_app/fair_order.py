"""Fair order: agents take turns in the queue, however many runs one of them has in it.

Start-time fair queuing (Goyal, Vin, Cheng: "Start-time Fair Queueing", 1996): every run gets a place on a line of time when
it gets in line, one step after the agent's run before it, yet not before the place that is being served. So of two agents
with a backlog each has half, one that comes later is served at once, and the claim stays a walk along one index.

A place is an instant only so that it can begin at the clock's; it says nothing of when the run was due. Under a backlog the
places served lie in the past, and an agent that plans more than one run a millisecond has places in the future.

Each process remembers only the places that it gave out itself: no row is locked for it. What several processes give to
one agent may lie side by side, so its share is uncertain by their number, as it is for everyone else.
"""

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tasks_app import queue_sql

STEP: Final = timedelta(milliseconds=1)
_LOOK_EVERY: Final = 1.0  # seconds


@dataclass(slots=True)
class _Level:
    """One priority. front: the place of the first queued run, None when nobody is in line; last: by agent, where it got in."""

    front: datetime | None
    clock: datetime
    seen: float  # monotonic seconds
    last: dict[UUID, datetime] = field(default_factory=dict)

    def now(self) -> datetime:
        """By the database's clock."""
        return self.clock + timedelta(seconds=time.monotonic() - self.seen)

    def next(self, agent: UUID, step: timedelta) -> datetime:
        if self.front is None:
            self.front = self.now()  # this run is the first in line: those after it must not see the clock run away
        last = self.last.get(agent)
        place = self.last[agent] = self.front if last is None else max(self.front, last + step)
        return place

    def unserved(self, front: datetime | None) -> dict[UUID, datetime]:
        """Of whom something may still be in line; against the others nothing is held."""
        return {} if front is None else {agent: last for agent, last in self.last.items() if last >= front}


class FairOrder:
    """Gives out places. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._levels: dict[int, _Level] = {}

    def places(self, runs: Sequence[tuple[int, UUID, datetime | None]], *, step: timedelta = STEP) -> list[datetime]:
        """A place for each run, by its priority, its agent and when it may begin (UTC; None for at once), in the order given.

        One that may not begin yet is not in line: it gets a place when it is. step: how far its agent's next is behind it.
        """
        self._look({priority for priority, _, _ in runs})
        with self._lock:
            return [self._place(priority, agent, start, step) for priority, agent, start in runs]

    def _place(self, priority: int, agent: UUID, start: datetime | None, step: timedelta) -> datetime:
        level = self._levels[priority]
        if start is not None and start > level.now():
            return start
        return level.next(agent, step)

    def _look(self, priorities: Iterable[int]) -> None:
        """Not under the lock: whoever holds it must not wait for a connection."""
        now = time.monotonic()
        with self._lock:
            known = {priority: self._levels.get(priority) for priority in priorities}
        stale = [priority for priority, level in known.items() if not level or now - level.seen > _LOOK_EVERY]
        if not stale:
            return
        rows: list[Any] = queue_sql.execute(queue_sql.FRONTS, {"priorities": stale})
        with self._lock:
            for priority, clock, front in rows:
                before = known[priority]
                if self._levels.get(priority) is before:  # else another thread has looked, and given places out since
                    self._levels[priority] = _Level(front, clock, now, before.unserved(front) if before else {})


fair_order: Final = FairOrder()
