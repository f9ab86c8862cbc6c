"""Suspects: which of the runs that were lost before may begin now.

Whoever was under way in a process that died may have killed it. To find out who did, without ever blaming a bystander
for good, the circle is drawn closer:

    lost never   in any company
    lost once    in company, but with few others of its kind: a second loss draws few into the next circle
    lost twice   alone in its process, which hands everything else back first: a third loss can be nobody else's doing

One that must be alone is claimed by itself; more of its kind stay in the queue meanwhile, for other processes.
A run that waits here is leased and its lease renewed, but it has not begun, and is not blamed for what happens meanwhile.
"""

from collections import deque
from itertools import islice
from typing import Final

from tasks_app.execution.held import HeldRun
from tasks_app.states import LOSSES_AT_LAST_CHANCE

AT_ONCE: Final = 16  # runs lost once that one process may have under way


class Suspects:
    """The suspects in one process's hands: those that wait, and those that have begun."""

    def __init__(self) -> None:
        self._in_company: deque[HeldRun] = deque()
        self._alone: deque[HeldRun] = deque()
        self._begun: list[HeldRun] = []

    def __contains__(self, run: HeldRun) -> bool:
        """Whether it waits here."""
        return run in self._in_company or run in self._alone

    @property
    def waiting(self) -> int:
        return len(self._in_company) + len(self._alone)

    @property
    def begun(self) -> int:
        return len(self._begun)

    @property
    def one_is_alone(self) -> bool:
        """Whether one has begun beside which nothing else may."""
        return any(_must_be_alone(run) for run in self._begun)

    @property
    def one_wants_to_be_alone(self) -> bool:
        """Whether nothing else may be begun in this process, and whatever has been must leave it."""
        return bool(self._alone) or self.one_is_alone

    def add(self, run: HeldRun) -> None:
        line = self._alone if _must_be_alone(run) else self._in_company
        line.append(run)

    def ready(self, *, others: int) -> list[HeldRun]:
        """Those that may begin now, when `others` besides those begun here are under way."""
        if self.one_is_alone:
            return []
        if self._alone:
            return [self._alone[0]] if not others and not self._begun else []
        return list(islice(self._in_company, max(AT_ONCE - len(self._begun), 0)))

    def begin(self, run: HeldRun) -> None:
        self.end(run)
        self._begun.append(run)

    def end(self, run: HeldRun) -> None:
        """It is no longer in this process's hands, or no longer waits."""
        for line in (self._begun, self._in_company, self._alone):
            if run in line:
                line.remove(run)

    def take_back(self) -> list[HeldRun]:
        """Those that wait; none of them will begin."""
        runs = [*self._alone, *self._in_company]
        self._alone.clear()
        self._in_company.clear()
        return runs


def _must_be_alone(run: HeldRun) -> bool:
    return run.claimed.losses >= LOSSES_AT_LAST_CHANCE
