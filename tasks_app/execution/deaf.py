"""Deaf: threads whose run was given up, but whose tool goes on.

Python cannot end a thread. A process in which many are deaf, or one that computes without end, is of little use: it had better
end, and a fresh one take its place.
"""

import os
from typing import Final

from tasks_app.execution.board import Slot
from tasks_app.execution.held import HeldRun
from tasks_app.execution.processor import seconds_of_thread

COMPUTES_AFTER: Final = 2.0  # seconds on the processor since it was given up


class Deaf:
    """The deaf threads of one process."""

    def __init__(self, slot: Slot, *, threads: int) -> None:
        self._slot = slot
        self._threads = threads
        self._since: dict[HeldRun, tuple[int, float]] = {}

    def __len__(self) -> int:
        return len(self._since)

    def add(self, run: HeldRun) -> None:
        """It is given up."""
        thread = next((seat.thread for seat in self._slot.busy() if seat.lease == run.lease), 0)
        self._since[run] = (thread, seconds_of_thread(os.getpid(), thread))

    def discard(self, run: HeldRun) -> None:
        """Its thread has come back."""
        self._since.pop(run, None)

    def too_much(self) -> str:
        """Why this process should end; empty when it need not."""
        if 2 * len(self._since) > self._threads:
            return f"{len(self._since)} of {self._threads} threads do not come back from their tools"
        for run, (thread, before) in self._since.items():
            if thread and seconds_of_thread(os.getpid(), thread) - before > COMPUTES_AFTER:
                return f"a tool of run {run.claimed.id}, which is over, computes on"
        return ""
