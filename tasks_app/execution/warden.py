"""Warden: the main process of a pool kills a child that is stuck in C code.

A thread that is in C code and does not let go of the interpreter stops every other thread of its process: no heartbeat,
no deadline, no answer. Nothing inside can help then, so its parent looks from outside. It believes only what it has seen: a
child is silent for as long as this process was awake and looked. So when both were stopped and go on, nobody is killed.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tasks_app.execution.board import Board, Seat, Slot
from tasks_app.execution.processor import seconds_by_thread

LOOK_EVERY: Final = 0.5  # seconds
_BUSY_SHARE: Final = 0.3  # of the silence that a thread must have spent on the processor to be the one that is stuck

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Watched:
    """What has been seen of one child."""

    pid: int
    ticks: int
    silent: float = 0.0
    processor: dict[int, float] = field(default_factory=dict)  # seconds, by thread, at the beginning of the silence


class Warden:
    """Kills children of this process that have not ticked for `limit` seconds, having noted which run it was."""

    def __init__(self, board: Board, *, limit: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._board = board
        self._limit = limit
        self._clock = clock
        self._looked_at = clock()
        self._watched: dict[Slot, _Watched] = {}

    def start(self) -> None:
        """Look until this process ends."""
        threading.Thread(target=self._watch, name="warden", daemon=True).start()

    def look(self) -> list[int]:
        """Look once; answers the children killed."""
        now = self._clock()
        elapsed, self._looked_at = min(now - self._looked_at, 2 * LOOK_EVERY), now
        return [slot.pid for slot in self._board.slots if slot.pid and self._is_stuck(slot, elapsed) and _end(slot)]

    def _is_stuck(self, slot: Slot, elapsed: float) -> bool:
        watched = self._watched.get(slot)
        pid, ticks = slot.pid, slot.ticks
        if watched is None or (watched.pid, watched.ticks) != (pid, ticks) or not _goes_on(pid):
            self._watched[slot] = _Watched(pid, ticks)
            return False
        if not watched.processor:
            watched.processor = seconds_by_thread(pid)
        watched.silent += elapsed
        if watched.silent < self._limit:
            return False
        self._condemn(slot, watched)
        return True

    def _condemn(self, slot: Slot, watched: _Watched) -> None:
        del self._watched[slot]
        spent = seconds_by_thread(watched.pid)
        busy = slot.busy()
        stuck = [seat for seat in busy if _spent(seat, spent, watched) > watched.silent * _BUSY_SHARE]
        slot.condemn(stuck, silent=watched.silent)
        what = ", ".join(str(seat.lease.run_id) for seat in stuck or busy) or "none"
        # Said before it is done: right after, this process forks, and no lock of the log may be held then.
        logger.error(
            "Worker %s has run no Python for %.0f s and is killed; stuck in: %s", slot.worker, watched.silent, what
        )

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_EVERY)
            try:
                self.look()
            except Exception:  # a fault of ours must not leave the pool without a warden
                logger.exception("The warden failed; going on")


def _spent(seat: Seat, now: dict[int, float], watched: _Watched) -> float:
    return now.get(seat.thread, 0.0) - watched.processor.get(seat.thread, 0.0)


def _end(slot: Slot) -> bool:
    try:
        os.kill(slot.pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _goes_on(pid: int) -> bool:
    """Whether it is a child of this process, neither dead nor stopped by somebody. True where that cannot be asked."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return not Path("/proc/self/stat").exists()
    return words[0] not in "ZXTt" and int(words[1]) == os.getpid()
