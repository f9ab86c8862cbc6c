"""Pace: how much a process may claim at one time while the database is slow.

Slow claims say that Postgres has more to do than it can. Then each process asks for half as much, and when claims are quick
again for a little more each time: additive increase, multiplicative decrease, as senders share a network (RFC 5681).
"""

import logging
from collections import deque
from functools import cache
from typing import Final

from prometheus_client import Gauge

SLOW: Final = 0.2  # seconds
_WINDOW: Final = 20  # claims, of which two may not be slow: the 95th percentile
_QUICK_ENOUGH: Final = 5  # claims after which more is tried
_STEPS: Final = 10  # from nothing to the whole


@cache
def _gauge() -> Gauge:
    """Made by who has a pace: of several processes the lowest counts, and one that never claims would say 0."""
    return Gauge("orchestrator_claim_limit", "Runs that a process may claim at one time.", multiprocess_mode="livemin")


logger = logging.getLogger(__name__)


class Pace:
    """`limit` runs at one time, at most `most`, at least one."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._step = max(most // _STEPS, 1)
        self._lately: deque[float] = deque(maxlen=_WINDOW)
        self.limit = most
        _gauge().set(most)

    def claimed(self, *, seconds: float) -> None:
        """A claim has taken so long."""
        self._lately.append(seconds)
        slowest = sorted(self._lately)[-2:]
        if len(slowest) == 2 and slowest[0] > SLOW:
            self._slow_down(f"claims take {slowest[0] * 1000:.0f} ms")
        elif len(self._lately) >= _QUICK_ENOUGH and self.limit < self._most:
            self._speed_up()

    def failed(self) -> None:
        """Postgres did not answer as it should."""
        self._slow_down("Postgres fails")

    def _slow_down(self, why: str) -> None:
        if self.limit == self._most:
            logger.warning("Claiming less at a time until Postgres is quick again: %s", why)
        self._set(max(self.limit // 2, 1))

    def _speed_up(self) -> None:
        self._set(min(self.limit + self._step, self._most))
        if self.limit == self._most:
            logger.info("Postgres is quick again: claiming as much as before")

    def _set(self, limit: int) -> None:
        """A new limit is judged by what is claimed under it."""
        self.limit = limit
        self._lately.clear()
        _gauge().set(limit)
