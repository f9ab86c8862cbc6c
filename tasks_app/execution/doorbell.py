"""Doorbell: where a process waits for wake-ups while it has nothing to do."""

import threading
from collections.abc import Callable

from tasks_app.events import wakeup


class Doorbell:
    """Has each wake-up followed, by a thread of its own; while it is, others are for other processes to hear."""

    def __init__(self, follow: Callable[[], bool]) -> None:
        """`follow` looks for work until there is none; False when it did not, since its worker stops."""
        self._follow = follow
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="doorbell", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Hear no more. Returns at once: what is heard all the same is passed on."""
        self._stopped.set()

    def _listen(self) -> None:
        while not self._stopped.is_set():
            if wakeup.heard() and (self._stopped.is_set() or not self._follow()):
                wakeup.send()
                return
