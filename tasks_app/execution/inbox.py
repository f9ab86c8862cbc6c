"""Inbox: the moves that are to be written, and who waits for each."""

import threading
from collections import deque
from enum import Enum, auto
from typing import Final

from tasks_app import queue
from tasks_app.execution.held import HeldRun
from tasks_app.execution.intake import BATCH

_MOST_AT_ONCE: Final = 2 * BATCH


class Kind(Enum):
    """What has become of the run's thread when its move has been written."""

    CHECKPOINT = auto()  # it waits for the move and goes on
    DONE = auto()  # it is free
    NOT_BEGUN = auto()  # the run had found none
    GIVEN_UP = auto()  # it is still at the run, but the run no longer waits for it


class Wanted:
    """A move to be written, None where the lease was lost. `held` says afterwards whether the lease still was ours."""

    __slots__ = ("_written", "held", "kind", "move", "run")

    def __init__(self, move: queue.Move | None, run: HeldRun, kind: Kind) -> None:
        self.move = move
        self.run = run
        self.kind = kind
        self.held = False
        self._written = threading.Event() if kind is Kind.CHECKPOINT else None

    def settle(self, *, held: bool) -> None:
        self.held = held
        if self._written:
            self._written.set()

    def wait(self) -> bool:
        assert self._written is not None
        self._written.wait()
        return self.held


class Inbox:
    """Every thread may put; the dispatcher alone takes. A move stays until it is `written`."""

    def __init__(self) -> None:
        self._coming: deque[Wanted] = deque()
        self._taken: list[Wanted] = []
        self._closed = False

    def __len__(self) -> int:
        return len(self._coming) + len(self._taken)

    def put(self, wanted: Wanted) -> None:
        self._coming.append(wanted)
        if self._closed:
            self._refuse_all()

    def take(self) -> list[Wanted]:
        """What is to be written next, beginning with what could not be. One statement makes one move of a run."""
        runs = {wanted.run.claimed.id for wanted in self._taken}
        while self._coming and len(self._taken) < _MOST_AT_ONCE and self._coming[0].run.claimed.id not in runs:
            wanted = self._coming.popleft()
            runs.add(wanted.run.claimed.id)
            self._taken.append(wanted)
        return list(self._taken)

    def written(self, wanted: Wanted) -> None:
        self._taken.remove(wanted)

    def close(self) -> None:
        """Nobody will write any more: let no thread wait for it."""
        self._closed = True
        self._refuse_all()

    def _refuse_all(self) -> None:
        while True:
            try:
                wanted = self._coming.popleft()
            except IndexError:
                return
            wanted.settle(held=False)
