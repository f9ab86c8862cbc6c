"""How are the parts of a run carried out beside each other?

A part is a step of a list with an order, an item of a foreach, a branch. Each begins the moment that what it waits for is done,
on whichever thread has just become free: the one that asks for all of them, or a hand lent to the run. Nobody waits for a hand:
the thread that asks does parts as long as there are any, and returns when none is under way.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pipelines.errors import Interrupted, StepFailed
from pipelines.hands import HANDS, Hands
from pipelines.records import InDoubt, Outcome, Parked, StepRecord
from pipelines.surroundings import Clock, Journal

MOST_AT_ONCE: Final = 50  # steps of one run


class Over(Exception):
    """The run does not go on to the next step now. `record` is that of the step which is `Parked`, where it has one."""

    def __init__(self, outcome: Outcome, record: StepRecord | None = None) -> None:
        super().__init__()
        self.outcome = outcome
        self.record = record


class Halted(Exception):
    """These steps do not go on because of what happened beside them; that is told there."""


class Team:
    """The threads that work for one run: its own, and the hands lent to it."""

    def __init__(self, journal: Journal, hands: Hands = HANDS) -> None:
        self._journal = journal
        self._hands = hands
        self._changing = threading.Lock()
        self._lent = 0
        self._items = 0
        self._shared = False

    def count(self, items: int) -> int:
        """Note that so many items are gone through; answers how many that makes in the run."""
        with self._changing:
            self._items += items
            return self._items

    def lend(self, work: Callable[[], None]) -> bool:
        """Let one more thread do `work`; False when the run has as many as it may, or there is none."""
        with self._changing:
            if self._lent >= MOST_AT_ONCE - 1:
                return False
            self._lent += 1
            first, self._shared = not self._shared, True
        if first:  # asked by the run's own thread: there is no other yet
            self._journal.share()

        def worked() -> None:
            try:
                work()
            finally:
                self._give_back()

        if self._hands.lend(worked):
            return True
        self._give_back()
        return False

    def _give_back(self) -> None:
        with self._changing:
            self._lent -= 1


@dataclass(frozen=True, slots=True)
class Parts:
    """What a crowd does: `do` one part, by its number, out of `number`, at most `most` at once.

    `after` says, for each, which have to be done first. `quick` are those that make nothing wait. A part that parks `keeps_place`
    if it counts as one of `most` until it is done.
    """

    number: int
    do: Callable[[int], None]
    quick: Callable[[int], bool]
    after: Sequence[frozenset[int]] | None = None
    most: int = MOST_AT_ONCE
    keeps_place: bool = False


class Crowd:
    """Parts beside each other, and what has become of them so far."""

    def __init__(self, parts: Parts, team: Team, clock: Clock, *, halted: Callable[[], bool]) -> None:
        """`halted` says whether what surrounds these parts has ended."""
        self._parts = parts
        self._team = team
        self._clock = clock
        self._halted_outside = halted
        self._changed = threading.Condition()
        self._ready: deque[int] = deque()
        self._ready_quick: deque[int] = deque()
        self._missing = [set(each) for each in parts.after or ()]
        self._waited_for = _waiters(parts.after or ())
        self._under_way = 0
        self._waiting = 0  # whether the thread that stays has nothing to do
        self._coming = 0  # hands that were asked for and have not begun
        self._done = 0
        self._parked: list[tuple[float, Over]] = []
        self._ends: list[BaseException] = []  # of parts that have not been done, nor parked

    def carry_out(self) -> None:
        """Return when every part is done. Raises `Over` when one failed, is in doubt or parked, `Interrupted`, `Halted`."""
        for part in range(self._parts.number):
            if not self._missing or not self._missing[part]:
                self._put(part)
        self._work(stays=True)
        self._raise_what_became()

    def halted(self) -> bool:
        """Whether no further step of these parts may begin."""
        return bool(self._ends) or self._halted_outside()

    def _put(self, part: int) -> None:
        (self._ready_quick if self._parts.quick(part) else self._ready).append(part)

    def _help(self) -> None:
        with self._changed:
            self._coming -= 1
        self._work(stays=False)

    def _work(self, *, stays: bool) -> None:
        while (part := self._next(stays=stays)) is not None:
            end: BaseException | None = None
            try:
                self._parts.do(part)
            except BaseException as raised:  # noqa: BLE001 - raised again by the thread that waits for all
                end = raised
            self._finish(part, end)

    def _next(self, *, stays: bool) -> int | None:
        """The next part for this thread; None when there is none, nor, for the one that stays, will be."""
        with self._changed:
            while not self._may_begin():
                if not stays or not self._under_way:
                    return None
                self._waiting = 1
                self._changed.wait()
                self._waiting = 0
            part = (self._ready_quick or self._ready).popleft()
            self._under_way += 1
            wanted = self._hands_wanted()
            self._coming += wanted
        for missed in range(wanted, 0, -1):
            if not self._team.lend(self._help):
                with self._changed:
                    self._coming -= missed
                break
        return part

    def _may_begin(self) -> bool:
        return bool(self._ready or self._ready_quick) and self._room() > 0 and not self.halted()

    def _room(self) -> int:
        places = len(self._parked) if self._parts.keeps_place else 0
        return self._parts.most - self._under_way - places

    def _hands_wanted(self) -> int:
        return max(min(len(self._ready), self._room()) - self._coming - self._waiting, 0)

    def _finish(self, part: int, end: BaseException | None) -> None:
        with self._changed:
            self._under_way -= 1
            if end is None:
                self._done += 1
                self._release(part)
            elif isinstance(end, Over) and isinstance(end.outcome, Parked):
                self._parked.append((self._clock.monotonic() + end.outcome.seconds, end))
            else:
                self._ends.append(end)
            self._changed.notify_all()

    def _release(self, part: int) -> None:
        if self._missing:
            for later in self._waited_for[part]:
                self._missing[later].discard(part)
                if not self._missing[later]:
                    self._put(later)

    def _raise_what_became(self) -> None:
        if self._ends:
            raise min(self._ends, key=_gravity)
        if self.halted():
            raise Halted
        if self._parked:
            until, shortest = min(self._parked, key=lambda each: each[0])
            raise _with_what_is_left(shortest, max(until - self._clock.monotonic(), 0.0))
        assert self._done == self._parts.number, "what waits for nothing that is missing has begun"


def _waiters(after: Sequence[frozenset[int]]) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in after]
    for part, before in enumerate(after):
        for each in before:
            found[each].append(part)
    return found


def _gravity(end: BaseException) -> int:
    """A fault of ours first; then that the run is no longer ours, what a person has to say, and what failed."""
    if isinstance(end, Over):
        return 2 if isinstance(end.outcome, InDoubt) else 3
    if isinstance(end, StepFailed):
        return 3
    if isinstance(end, Halted):
        return 4
    return 1 if isinstance(end, Interrupted) else 0


def _with_what_is_left(over: Over, seconds: float) -> Over:
    assert isinstance(over.outcome, Parked)
    record = over.record and over.record._replace(wait=seconds)
    return Over(replace(over.outcome, seconds=seconds), record)
