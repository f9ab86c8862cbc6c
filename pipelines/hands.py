"""Which threads do a run's steps that run beside each other?

Hands: threads of the process, for all its runs together. They are made on demand, a bounded number, and end when nobody has
needed them for a while. Nobody waits for one: a run to which none is lent does its steps itself.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final, TypeAlias

MOST: Final = 128
IDLE_SECONDS: Final = 30.0

Work: TypeAlias = Callable[[], None]


class Hands:
    """At most `most` daemon threads, each of which ends after `idle` seconds without work."""

    def __init__(self, *, most: int = MOST, idle: float = IDLE_SECONDS) -> None:
        self._most = most
        self._idle_seconds = idle
        self._changing = threading.Lock()
        self._given: SimpleQueue[Work] = SimpleQueue()
        self._threads = 0
        self._idle = 0  # those that wait for work, less the work that is on its way to them

    @property
    def threads(self) -> int:
        return self._threads

    def lend(self, work: Work) -> bool:
        """Let another thread do `work`, which must not raise. False when there is none left to do it."""
        with self._changing:
            if self._idle:
                self._idle -= 1
                self._given.put(work)
                return True
            if self._threads >= self._most:
                return False
            self._threads += 1
            number = self._threads
        try:
            threading.Thread(target=self._serve, args=[work], name=f"hand-{number}", daemon=True).start()
        except RuntimeError:  # the machine gives no further thread
            with self._changing:
                self._threads -= 1
            return False
        return True

    def _serve(self, work: Work | None) -> None:
        while work:
            work()
            work = self._next()

    def _next(self) -> Work | None:
        with self._changing:
            self._idle += 1
        with suppress(Empty):
            return self._given.get(timeout=self._idle_seconds)
        with self._changing:
            with suppress(Empty):  # given between the wait and the lock
                return self._given.get_nowait()
            self._idle -= 1
            self._threads -= 1
            return None


HANDS: Final = Hands()
