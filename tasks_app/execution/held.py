"""HeldRun: a run in this process's hands, and whether it may go on."""

import threading
import time
from enum import StrEnum
from typing import Final

from tasks_app.execution.definitions import Definition
from tasks_app.models.run import Lease
from tasks_app.queue import ClaimedRun, Step

_MAKING: Final = threading.Lock()
TRUST_MARGIN: Final = 5.0  # seconds before the lease ends at which this process stops starting effects


class Interruption(StrEnum):
    """Why a run must stop before its end."""

    LEASE_LOST = "lease_lost"
    STOPPING = "stopping"
    TIMED_OUT = "timed_out"


class HeldRun:
    """`claimed_at`, `trusted_until` and `deadline` are monotonic seconds. `recorded` is None where that cannot be read."""

    __slots__ = (
        "_bell",
        "claimed",
        "claimed_at",
        "deadline",
        "definition",
        "given_up",
        "interruption",
        "recorded",
        "stop_at_next_step",
        "trusted_until",
    )

    def __init__(
        self, claimed: ClaimedRun, definition: Definition, recorded: dict[str, Step] | None, *, trusted_until: float
    ) -> None:
        self.claimed = claimed
        self.definition = definition
        self.recorded = recorded
        self.trusted_until = trusted_until
        self.begin()
        self.stop_at_next_step = False
        self.given_up = False  # it goes on elsewhere, or has ended, although its thread is still at it
        self.interruption: Interruption | None = None
        self._bell: threading.Event | None = None

    def begin(self) -> None:
        """Its time begins now: it may have been held back until now."""
        self.claimed_at = time.monotonic()
        self.deadline = self.claimed_at + self.definition.timeout

    @property
    def lease(self) -> Lease:
        return self.claimed.lease

    def may_go_on(self) -> bool:
        """Whether an effect may be started now: not to be stopped, and the lease surely ours."""
        if self.interruption is None and time.monotonic() >= self.trusted_until:
            self.interrupt(Interruption.LEASE_LOST)
        return self.interruption is None and not self.stop_at_next_step

    @property
    def why_stopped(self) -> Interruption | None:
        """Why it has not come to its end. One that stops at its next step lets the calls end that are under way beside it."""
        return self.interruption or (Interruption.STOPPING if self.stop_at_next_step else None)

    def interrupt(self, why: Interruption) -> None:
        self.interruption = why
        if self._bell:
            self._bell.set()

    def wait(self, seconds: float) -> bool:
        """Sleep; True, and early, when interrupted."""
        if self._bell is None:
            with _MAKING:  # several threads may do steps of the run
                self._bell = self._bell or threading.Event()
        if self.interruption is None:
            self._bell.wait(seconds)
        return self.interruption is not None
