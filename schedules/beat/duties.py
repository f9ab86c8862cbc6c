"""The standing duties of a beat process: in threads of their own, straight against the database.

They do not share beat's loop, so they go on while it waits for a dead broker, and one that is slow delays none but those that
it shares its thread and so its connection with.

    every second        ──┤·····├──┤·····├──   right after each whole second of the wall clock: 09:00:00 is not late
    any other period    ──┤···├──────┤···├──   by the monotonic clock
    `more` in its counts──┤···├┤···├┤···├───   at once
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db import Error, InterfaceError, OperationalError, connections

from schedules.beat.clocks import ClocksApart

STOP_SECONDS: Final = 2.0
_AFTER_THE_SECOND: Final = 0.003
_RARE: Final = 5.0  # seconds between rounds: a connection that is kept from one to the next is one that others lack

logger = logging.getLogger(__name__)
_rounds: dict[str, datetime] = {}
_ended: dict[str, float] = {}  # by the monotonic clock


@dataclass(frozen=True)
class Duty:
    """What is done again and again: `run_once` answers counts, of which a true `more` asks for another round at once.

    Those of one `thread` take turns in it; without that word a duty has one of its own.
    """

    name: str
    run_once: Callable[[], object]
    seconds: float
    thread: str = ""


def rounds() -> Mapping[str, datetime]:
    """When each duty of this process last ended a round well (UTC). One that never did is missing."""
    return dict(_rounds)


def seconds_since_rounds() -> Mapping[str, float]:
    """How long ago each duty of this process last ended a round well; setting the host's clock changes nothing."""
    now = time.monotonic()
    return {name: now - ended for name, ended in _ended.copy().items()}


class Duties:
    """The threads of several duties. Raises `ValueError` for a thread whose duties are of different periods."""

    def __init__(self, duties: Iterable[Duty]) -> None:
        self._stop = threading.Event()
        shared: dict[str, list[Duty]] = {}
        for duty in duties:
            shared.setdefault(duty.thread or duty.name, []).append(duty)
        self._threads = [
            threading.Thread(target=_Loop(together, self._stop).run, name=f"duty-{name}", daemon=True)
            for name, together in shared.items()
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
    """The rounds of the duties of one thread."""

    def __init__(self, duties: Sequence[Duty], stop: threading.Event) -> None:
        self._duties = duties
        self._stop = stop
        self._seconds = duties[0].seconds
        if any(duty.seconds != self._seconds for duty in duties):
            raise ValueError(f"The duties of thread {duties[0].thread} have different periods: give them the same")
        self._due_at = time.monotonic()
        self._failing: set[str] = set()

    def run(self) -> None:
        try:
            while not self._stop.is_set():
                more = [self._round(duty) for duty in self._duties]
                if not any(more):
                    self._pause()
        finally:
            connections.close_all()

    def _round(self, duty: Duty) -> bool:
        """Do the duty once; whether there is more to do."""
        try:
            counts = duty.run_once()
        except Exception as error:  # noqa: BLE001  a duty outlives whatever happens to it
            self._failed(duty, error)
            return False
        if duty.name in self._failing:
            logger.warning("duty %s works again", duty.name)
        self._failing.discard(duty.name)
        _rounds[duty.name], _ended[duty.name] = datetime.now(UTC), time.monotonic()
        return isinstance(counts, Mapping) and bool(counts.get("more"))

    def _failed(self, duty: Duty, error: Exception) -> None:
        """Log the first failure of a row; give up a broken connection, so that the next round opens another."""
        if duty.name not in self._failing:
            # That a server is away, or the clock wrong, needs no traceback.
            outside = isinstance(error, OperationalError | InterfaceError | OSError | ClocksApart)
            trace = None if outside else error
            logger.error("duty %s failed and is tried again: %s", duty.name, error, exc_info=trace)
        self._failing.add(duty.name)
        if isinstance(error, Error):
            connections.close_all()

    def _pause(self) -> None:
        if self._seconds >= _RARE:
            connections.close_all()
        self._stop.wait(self._seconds_to_next())

    def _seconds_to_next(self) -> float:
        if self._seconds == 1:
            return 1 - time.time() % 1 + _AFTER_THE_SECOND
        now = time.monotonic()
        self._due_at = max(self._due_at + self._seconds, now)
        return self._due_at - now
