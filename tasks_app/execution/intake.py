"""Intake: how many runs a process should claim now.

Claims follow the free threads. Beyond them, as many may wait for a thread as have lately been finished in a
tenth of a second: quick runs are claimed in large batches, and as soon as runs are slow none is held waiting.
"""

import time
from collections.abc import Callable
from typing import Final

BATCH: Final = 500  # what larger ones save is commits and round trips
_MOST_AHEAD: Final = 2 * BATCH
_WINDOW: Final = 0.1  # seconds


class Intake:
    def __init__(self, *, threads: int) -> None:
        self._threads = threads
        self.in_flight = 0
        self._finished_now = 0
        self._finished_before = 0
        self._window_began = time.monotonic()
        self._called = False

    def claimed(self) -> None:
        self.in_flight += 1

    def finished(self) -> None:
        self.in_flight -= 1
        self._finished_now += 1

    def handed_back(self) -> None:
        """Not finished: it says nothing of how quick runs are, and to count it would claim it again at once."""
        self.in_flight -= 1

    def room(self, *, backlog: int, finishing: int = 0) -> int:
        """How many runs to claim, at most a batch; none where only a small batch would fit behind a backlog.

        `finishing` runs in flight are done and only wait to be written.
        """
        self._turn_window()
        ahead = min(max(self._finished_now + finishing, self._finished_before), _MOST_AHEAD)
        room = min(self._threads + ahead - self.in_flight + finishing, BATCH)
        return room if room > 0 and (not backlog or room >= BATCH // 2) else 0

    def call_for_help(self, wake_another: Callable[[], None]) -> None:
        """A full batch: there may be more than one process's worth. Asked for once until the queue is empty."""
        if not self._called:
            self._called = True
            wake_another()

    def queue_is_empty(self) -> None:
        self._called = False

    def _turn_window(self) -> None:
        now = time.monotonic()
        if now - self._window_began > _WINDOW:
            stale = now - self._window_began > 2 * _WINDOW
            self._finished_before = 0 if stale else self._finished_now
            self._finished_now = 0
            self._window_began = now
