"""Seats: how many streams of events a process serves at one time, to each agent and in total."""

import threading
from collections import Counter
from uuid import UUID


class TooManyStreams(Exception):
    """The agent follows as many streams as it may already."""


class NoSeatLeft(Exception):
    """The process serves as many streams as it may already."""


class Seats:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[UUID] = Counter()

    def take(self, agent: UUID, *, per_agent: int, in_total: int) -> None:
        """One more stream for the agent. Raises `TooManyStreams`, `NoSeatLeft`."""
        with self._lock:
            if self._taken[agent] >= per_agent:
                raise TooManyStreams(f"{per_agent} streams of this agent are open already: end one of them first.")
            if self._taken.total() >= in_total:
                raise NoSeatLeft("The server has no more streams to give now: try again in a moment.")
            self._taken[agent] += 1

    def give_back(self, agent: UUID) -> None:
        with self._lock:
            self._taken[agent] -= 1
            if not self._taken[agent]:
                del self._taken[agent]

    def taken(self) -> int:
        with self._lock:
            return self._taken.total()


seats = Seats()
