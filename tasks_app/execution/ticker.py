"""Ticker: shows the process above that this one can still run Python."""

import threading
from typing import Final

from tasks_app.execution.board import Slot

EVERY: Final = 0.25  # seconds


class Ticker:
    """Ticks on a slot from a thread that does nothing else: it is silent only when no thread can run."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._tick, name="ticker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=1)

    def _tick(self) -> None:
        while not self._stopped.wait(EVERY):
            self._slot.tick()
