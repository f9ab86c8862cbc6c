"""What there is: rows, workers that know them only from answers, and what must never happen to either."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from tests.unit.queue_model.statements import DEADLY, LEASE, MARGIN, NOTHING, Guard, Row, Without

IDLE: Final = -1  # no claim is under way
DEAD: Final = -2  # the process has died; what it held is known until it is buried


class Property(StrEnum):
    """What must never happen."""

    TWO_LEASES = "two workers trust their leases of one run"
    STALE_WRITE = "a write under a stale fence was accepted"
    UNLEASED_WRITE = "a write of a run that is not running was accepted"
    FINISHED_LEFT = "a finished run was changed"
    REVIVED = "a lease that had expired was prolonged"
    LEASE_TAKEN = "a valid lease was taken away"
    EFFECT = "an effect was started without a lease"
    EARLY = "a wait was cut short"
    UNBOUNDED = "a run lost more workers than it may, or died of fewer"
    INNOCENT = "a run is dead that never killed a worker"
    LOST = "a run can no more be finished"
    LIVELOCK = "a run may go on for ever without an end"


class Doing(StrEnum):
    RESTING = "0 resting"  # it has begun, and nothing of it is under way
    STARTING = "1 starting"  # it has looked at its trust, and will start an effect
    LATE = "2 starting late"  # the same, a tick ago
    WRITING = "3 writing"  # a move is sent, and sent again until there is an answer
    WAITING = "4 waiting"  # a run that was lost before, and has not begun


class Hold(NamedTuple):
    """What a worker knows of a run. `trust`: ticks. `renewal`: "", "sent" or "granted", with the trust that it will bring.

    alone: it may be begun only beside nothing else.
    """

    fence: int
    trust: int
    doing: str = Doing.RESTING
    renewal: str = ""
    renewed_trust: int = 0
    alone: bool = False

    @property
    def begun(self) -> bool:
        return self.doing != Doing.WAITING


class Worker(NamedTuple):
    """`claiming`: the trust that a claim under way will bring, or IDLE, or DEAD. `holds`: for each run what is known, or ()."""

    claiming: int
    holds: tuple[Hold | tuple[()], ...]

    @property
    def dead(self) -> bool:
        return self.claiming == DEAD

    @property
    def one_is_alone(self) -> bool:
        return any(hold.alone and hold.begun for hold in self.holds if hold)

    def holding(self, run: int, hold: Hold | tuple[()]) -> "Worker":
        return self._replace(holds=(*self.holds[:run], hold, *self.holds[run + 1 :]))


class World(NamedTuple):
    rows: tuple[Row, ...]
    workers: tuple[Worker, ...]

    def with_worker(self, nth: int, worker: Worker) -> "World":
        return World(self.rows, (*self.workers[:nth], worker, *self.workers[nth + 1 :]))

    def with_row(self, run: int, row: Row) -> "World":
        return World((*self.rows[:run], row, *self.rows[run + 1 :]), self.workers)


class Asked(NamedTuple):
    """A statement that took effect: on which row, and whether it named the fence that the row has."""

    row: Row
    statement: str
    current: bool = True


class Step(NamedTuple):
    """`duty`: which of the fair actions it is, "" for one that may happen or not. `rare`: only so often in any run's life."""

    what: str
    world: World
    duty: str = ""
    rare: bool = False
    broken: str = ""
    asked: Asked | None = None


@dataclass(frozen=True)
class Setup:
    """`retries`: after as many a run that fails has failed.

    in_flight: whether time passes between a statement's sending, its effect and its answer; else they are one.
    kills: the runs which, once begun, end only with their worker's death.
    outages: whether workers die, are paused or are cut off for other reasons, too.
    """

    runs: int = 1
    workers: int = 2
    retries: int = 0
    in_flight: bool = True
    kills: frozenset[int] = frozenset()
    outages: bool = True
    without: Without = NOTHING

    def beginning(self) -> World:
        return World((Row(),) * self.runs, (self.newcomer(),) * self.workers)

    def newcomer(self) -> Worker:
        return Worker(claiming=IDLE, holds=((),) * self.runs)

    def claimed(self, row: Row, *, trust: int) -> Hold:
        """What a worker makes of a run that it has claimed: one that was lost before waits."""
        must_be_alone = row.losses == DEADLY - 1 and self.runs > 1 and Guard.SUSPECT_ALONE not in self.without
        return Hold(row.fence, trust, Doing.WAITING if row.losses else Doing.RESTING, alone=must_be_alone)

    @property
    def fresh_trust(self) -> int:
        return LEASE if Guard.TRUST_MARGIN in self.without else LEASE - MARGIN


def broken_in(world: World, setup: Setup) -> str:
    """What is wrong with a state, whichever way it was reached."""
    for run, row in enumerate(world.rows):
        trusting = 0
        for worker in world.workers:
            hold = worker.holds[run]
            trusting += bool(hold) and hold.trust > 0 and hold.doing != Doing.WRITING
        if trusting > 1:
            return Property.TWO_LEASES
        if row.losses > DEADLY or (row.state == "dead") != (row.losses == DEADLY):
            return Property.UNBOUNDED
        if row.state == "dead" and not setup.outages and run not in setup.kills:
            return Property.INNOCENT
    return ""


def finished(world: World) -> bool:
    return all(row.finished for row in world.rows)


def changed(before: Row, after: Row) -> str:
    return Property.FINISHED_LEFT if before.finished and before != after else ""
