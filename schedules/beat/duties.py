"""The standing duties of a beat process: each in a thread of its own, straight against the database.

They do not share beat's loop, so they go on while it waits for a dead broker, and one that is slow delays no other.

    every second        ──┤·····├──┤·····├──   right after each whole second of the wall clock: 09:00:00 is not late
    any other period    ──┤···├──────┤···├──   by the monotonic clock
    `more` in its counts──┤···├┤···├┤···├───   at once
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db import Error, InterfaceError, OperationalError, connections

from schedules.beat.clocks import ClocksApart

STOP_SECONDS: Final = 2.0
_AFTER_THE_SECOND: Final = 0.003

logger = logging.getLogger(__name__)
_rounds: dict[str, datetime] = {}
_ended: dict[str, float] = {}  # by the monotonic clock


@dataclass(frozen=True)
class Duty:
    """What is done again and again: `run_once` answers counts, of which a true `more` asks for another round at once."""

    name: str
    run_once: Callable[[], object]
    seconds: float


def rounds() -> Mapping[str, datetime]:
    """When each duty of this process last ended a round well (UTC). One that never did is missing."""
    return dict(_rounds)


def seconds_since_rounds() -> Mapping[str, float]:
    """How long ago each duty of this process last ended a round well; setting the host's clock changes nothing."""
    now = time.monotonic()
    return {name: now - ended for name, ended in _ended.copy().items()}


class Duties:
    """The threads of several duties."""

    def __init__(self, duties: Iterable[Duty]) -> None:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=_Loop(duty, self._stop).run, name=f"duty-{duty.name}", daemon=True)
            for duty in duties
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = STOP_SECONDS) -> None:
        """Ask all to end after the round they are in; wait at most `timeout` seconds together. May be called again."""
        self._stop.set()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            if thread.ident is None:
                continue
            thread.join(max(deadline - time.monotonic(), 0))
            if thread.is_alive():
                logger.warning("%s has not ended within %s s and is left behind", thread.name, timeout)


class _Loop:
    """One duty's rounds."""

    def __init__(self, duty: Duty, stop: threading.Event) -> None:
        self._duty = duty
        self._stop = stop
        self._due_at = time.monotonic()
        self._failing = False

    def run(self) -> None:
        try:
            while not self._stop.is_set():
                more = self._round()
                if not more:
                    self._stop.wait(self._seconds_to_next())
        finally:
            connections.close_all()

    def _round(self) -> bool:
        """Do the duty once; whether there is more to do."""
        try:
            counts = self._duty.run_once()
        except Exception as error:  # noqa: BLE001  a duty outlives whatever happens to it
            self._failed(error)
            return False
        if self._failing:
            logger.warning("duty %s works again", self._duty.name)
        self._failing = False
        _rounds[self._duty.name], _ended[self._duty.name] = datetime.now(UTC), time.monotonic()
        return isinstance(counts, Mapping) and bool(counts.get("more"))

    def _failed(self, error: Exception) -> None:
        """Log the first failure of a row; give up a broken connection, so that the next round opens another."""
        if not self._failing:
            # That a server is away, or the clock wrong, needs no traceback.
            outside = isinstance(error, OperationalError | InterfaceError | OSError | ClocksApart)
            trace = None if outside else error
            logger.error("duty %s failed and is tried again: %s", self._duty.name, error, exc_info=trace)
        self._failing = True
        if isinstance(error, Error):
            connections.close_all()

    def _seconds_to_next(self) -> float:
        if self._duty.seconds == 1:
            return 1 - time.time() % 1 + _AFTER_THE_SECOND
        now = time.monotonic()
        self._due_at = max(self._due_at + self._duty.seconds, now)
        return self._due_at - now
