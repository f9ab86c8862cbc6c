"""Lookout: sees which of the runs under way have no time left, or are no longer ours."""

import time
from collections.abc import Callable, Iterable
from typing import Final

from tasks_app import queue
from tasks_app.execution.held import HeldRun, Interruption
from tasks_app.execution.runner import timed_out

DEAF_AFTER: Final = 5.0  # seconds after its timeout at which a run is ended although its tool goes on
LOOK_EVERY: Final = 0.25  # seconds
CHECK_EVERY: Final = 1.0  # seconds between questions to Postgres


class Lookout:
    """`under_way` says which runs to look at; `give_up` moves one whose thread does not listen."""

    def __init__(
        self, *, under_way: Callable[[], Iterable[HeldRun]], give_up: Callable[[HeldRun, queue.Move], None]
    ) -> None:
        self._under_way = under_way
        self._give_up = give_up
        self._next_look = 0.0
        self._next_check = 0.0

    def look(self) -> bool:
        """Look, if it is time to; answers whether it was."""
        now = time.monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + LOOK_EVERY
        self._look_at_deadlines(now)
        if now >= self._next_check:
            self._next_check = now + CHECK_EVERY
            self._look_at_leases()
        return True

    def _look_at_deadlines(self, now: float) -> None:
        for run in self._under_way():
            if now > run.deadline and run.interruption is None:
                run.interrupt(Interruption.TIMED_OUT)
            if now > run.deadline + DEAF_AFTER:
                self._give_up(run, timed_out(run))

    def _look_at_leases(self) -> None:
        """Interrupt the runs that were canceled, or that another has by now. The heartbeat would see it later."""
        runs = list(self._under_way())
        ours = queue.still_ours([run.lease for run in runs]) if runs else set()
        for run in runs:
            if run.claimed.id not in ours and run.interruption is None:
                run.interrupt(Interruption.LEASE_LOST)
