"""The whole machine: rows, workers that know them only from answers, a reaper, a promoter, a canceler, and a clock.

A worker acts on what it remembers: the fence that it was given, and for how many ticks it still trusts its lease. Between
a statement's sending and its effect, and between that and its answer, anything may happen. What needs no state of its own:

- A worker that is paused or cut off simply takes no step while others and the clock do. Waking up, it is a zombie.
- A worker that has crashed leaves its place empty: for one that is to come, or for nobody, who never takes a step.
- The answer to a claim: until it has come the worker does nothing with the run, and its trust runs from the sending.
- Which move a worker writes is decided when it takes effect: nobody could see it before.
- A statement that takes effect after its sender's crash looks to everybody like one whose sender crashed a little later.
- A process that claims a run again of which it still has a zombie thread counts as another worker.

One thing no lease can promise: a thread that looked at its trust and was then paused for longer than the margin starts its
effect late. So here a thread that has looked starts within `MARGIN` ticks; beyond that the idempotency key helps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from tests.unit.queue_model import statements
from tests.unit.queue_model.statements import LEASE, MARGIN, NOTHING, Guard, Row, Without

WRITTEN: Final = ("succeed", "checkpoint", "retry", "park", "release")  # `fail` and `time_out` are like `succeed`


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
    LOST = "a run can no more be finished"
    LIVELOCK = "a run may go on for ever without an end"


class Doing(StrEnum):
    RESTING = "0 resting"
    STARTING = "1 starting"  # it has looked at its trust, and will start an effect
    LATE = "2 starting late"  # the same, a tick ago
    WRITING = "3 writing"  # a move is sent, and sent again until there is an answer


class Hold(NamedTuple):
    """What a worker knows of a run. `trust`: ticks. `renewal`: "", "sent" or "granted", with the trust that it will bring."""

    fence: int
    trust: int
    doing: str = Doing.RESTING
    renewal: str = ""
    renewed_trust: int = 0


class Worker(NamedTuple):
    """`claiming`: the trust that a claim under way will bring, -1 for none. `holds`: for each run what is known, or ()."""

    claiming: int
    holds: tuple[Hold | tuple[()], ...]


class World(NamedTuple):
    rows: tuple[Row, ...]
    workers: tuple[Worker, ...]


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
    """

    runs: int = 1
    workers: int = 2
    retries: int = 0
    in_flight: bool = True
    without: Without = NOTHING

    def beginning(self) -> World:
        return World((Row(),) * self.runs, (self.newcomer(),) * self.workers)

    def newcomer(self) -> Worker:
        return Worker(claiming=-1, holds=((),) * self.runs)

    @property
    def fresh_trust(self) -> int:
        return LEASE if Guard.TRUST_MARGIN in self.without else LEASE - MARGIN


def steps(world: World, setup: Setup) -> Iterator[Step]:
    """Everything that can happen next."""
    yield from _clock(world)
    yield from _keepers(world, setup)
    for nth, worker in enumerate(world.workers):
        yield from _claiming(world, nth, setup)
        for run, hold in enumerate(worker.holds):
            if hold:
                yield from _holding(_View(world, nth, run, hold, setup))
        if any(worker.holds) or worker.claiming >= 0:
            yield Step(f"worker {nth} crashes", _with_worker(world, nth, setup.newcomer()), rare=True)


def broken_in(world: World) -> str:
    """What is wrong with a state, whichever way it was reached."""
    for run, row in enumerate(world.rows):
        trusting = 0
        for worker in world.workers:
            hold = worker.holds[run]
            trusting += bool(hold) and hold.trust > 0 and hold.doing != Doing.WRITING
        if trusting > 1:
            return Property.TWO_LEASES
        if row.losses > statements.DEADLY or (row.state == "dead") != (row.losses == statements.DEADLY):
            return Property.UNBOUNDED
    return ""


def finished(world: World) -> bool:
    return all(row.finished for row in world.rows)


def _clock(world: World) -> Iterator[Step]:
    if any(hold.doing == Doing.LATE for worker in world.workers for hold in worker.holds if hold):
        return
    rows = tuple(statements.tick(row) for row in world.rows)
    workers = tuple(
        Worker(
            max(worker.claiming - 1, 0) if worker.claiming >= 0 else -1,
            tuple([_ticked(hold) if hold else hold for hold in worker.holds]),
        )
        for worker in world.workers
    )
    after = World(rows, workers)
    if after != world:
        yield Step("a tick", after, "tick")


def _ticked(hold: Hold) -> Hold:
    doing = Doing.LATE if hold.doing == Doing.STARTING else hold.doing
    return Hold(hold.fence, max(hold.trust - 1, 0), doing, hold.renewal, max(hold.renewed_trust - 1, 0))


def _keepers(world: World, setup: Setup) -> Iterator[Step]:
    """The reaper, the promoter and the canceler."""
    reaped = statements.reap(world.rows, without=setup.without)
    if reaped != world.rows:
        taken = any(before.leased and before != after for before, after in zip(world.rows, reaped, strict=True))
        asked = Asked(world.rows[0], "reap") if setup.runs == 1 else None
        broken = Property.LEASE_TAKEN if taken else _finished_left(world.rows, reaped)
        yield Step("the reaper looks", world._replace(rows=reaped), "reap", broken=broken, asked=asked)
    for run, row in enumerate(world.rows):
        if after := statements.promote(row, without=setup.without):
            broken = _changed(row, after) or (Property.EARLY if row.left else "")
            world_after = _with_row(world, run, after)
            yield Step(f"run {run} is promoted", world_after, "promote", broken=broken, asked=Asked(row, "promote"))
        if after := statements.cancel(row, without=setup.without):
            world_after = _with_row(world, run, after)
            broken = _changed(row, after)
            yield Step(f"run {run} is canceled", world_after, broken=broken, asked=Asked(row, "cancel"))


def _claiming(world: World, nth: int, setup: Setup) -> Iterator[Step]:
    worker = world.workers[nth]
    if setup.in_flight and worker.claiming < 0:
        asking = worker._replace(claiming=setup.fresh_trust)
        yield Step(f"worker {nth} sends a claim", _with_worker(world, nth, asking), "send claim")
        return
    trust = worker.claiming if setup.in_flight else setup.fresh_trust
    idle = worker._replace(claiming=-1)
    found = False
    for run, row in enumerate(world.rows):
        if worker.holds[run] != ():
            continue
        after = statements.claim(row, worker=nth if setup.runs > 1 else 0, without=setup.without)
        if after:
            found = True
            holding = idle._replace(holds=_replaced(idle.holds, run, Hold(after.fence, trust)))
            broken = Property.LEASE_TAKEN if row.leased else _changed(row, after)
            world_after = _with_row(_with_worker(world, nth, holding), run, after)
            asked = Asked(row, "claim")
            yield Step(f"worker {nth} claims run {run}", world_after, "claim", broken=broken, asked=asked)
    if not found and setup.in_flight:
        yield Step(f"worker {nth} finds nothing to claim", _with_worker(world, nth, idle), "claim")


class _View(NamedTuple):
    """One worker's hold of one run, and what it leads to."""

    world: World
    nth: int
    run: int
    hold: Hold
    setup: Setup

    @property
    def row(self) -> Row:
        return self.world.rows[self.run]

    @property
    def current(self) -> bool:
        return self.row.fence == self.hold.fence

    def says(self, what: str) -> str:
        return f"worker {self.nth} {what} run {self.run}"

    def duty(self, name: str) -> str:
        return name if self.current else f"{name} of a zombie"

    def becomes(self, hold: Hold | tuple[()], row: Row | None = None) -> World:
        claiming, holds = self.world.workers[self.nth]
        worker = Worker(claiming, _replaced(holds, self.run, hold))
        world = _with_worker(self.world, self.nth, worker)
        return world if row is None else _with_row(world, self.run, row)


def _holding(view: _View) -> Iterator[Step]:
    hold = view.hold
    yield from _renewing(view)
    if hold.doing == Doing.RESTING:
        yield from _effect(view)
        if hold.trust == 0:
            yield Step(view.says("gives up"), view.becomes(()), view.duty("give up"))
        if view.setup.in_flight:
            yield Step(
                view.says("sends a move of"), view.becomes(hold._replace(doing=Doing.WRITING)), view.duty("send")
            )
        else:
            yield from _writing(view)
    elif hold.doing == Doing.WRITING:
        yield from _writing(view)
    else:
        resting = view.becomes(hold._replace(doing=Doing.RESTING))
        yield Step(view.says("starts an effect of"), resting, view.duty("effect"), broken=_broken_by_effect(view))


def _effect(view: _View) -> Iterator[Step]:
    if view.hold.trust == 0 and Guard.TRUST_LOOK not in view.setup.without:
        return
    if view.setup.in_flight:
        starting = view.becomes(view.hold._replace(doing=Doing.STARTING))
        yield Step(view.says("looks at its trust of"), starting, rare=True)
    else:
        yield Step(view.says("starts an effect of"), view.world, rare=True, broken=_broken_by_effect(view))


def _broken_by_effect(view: _View) -> str:
    """A worker learns of a cancel from its next heartbeat or write: until then it may start an effect."""
    fine = view.current and (view.row.leased or view.row.state == "canceled")
    return "" if fine else Property.EFFECT


def _renewing(view: _View) -> Iterator[Step]:
    hold, setup = view.hold, view.setup
    if hold.renewal == "granted":
        trust = hold.renewed_trust if Guard.TRUST_FROM_SENDING not in setup.without else setup.fresh_trust
        learnt = hold._replace(trust=trust, renewal="", renewed_trust=0)
        yield Step(view.says("learns of its renewal of"), view.becomes(learnt))
        return
    if setup.in_flight and hold.renewal == "":
        sent = hold._replace(renewal="sent", renewed_trust=setup.fresh_trust)
        yield Step(view.says("sends a renewal of"), view.becomes(sent))
        return
    asked = Asked(view.row, "renew", view.current)
    after = statements.renew(view.row, fence=hold.fence, without=setup.without)
    if after is None:
        stopped = hold._replace(trust=0, renewal="", renewed_trust=0)
        left = () if hold.doing == Doing.RESTING else stopped
        yield Step(view.says("is refused a renewal of"), view.becomes(left), asked=asked)
        return
    broken = _changed(view.row, after)
    if view.row.left == 0:
        broken = Property.REVIVED
    if not view.current:
        broken = Property.STALE_WRITE
    granted = hold._replace(renewal="granted") if setup.in_flight else hold._replace(trust=setup.fresh_trust)
    yield Step(view.says("renews its lease of"), view.becomes(granted, after), broken=broken, asked=asked)


def _writing(view: _View) -> Iterator[Step]:
    resting = view.hold._replace(doing=Doing.RESTING)
    for kind in WRITTEN:
        if kind == "retry" and view.row.failures >= view.setup.retries:
            continue
        asked = Asked(view.row, kind, view.current)
        after = statements.move(view.row, fence=view.hold.fence, kind=kind, without=view.setup.without)
        if after is None:
            yield Step(view.says("is refused a move of"), view.becomes(()), view.duty("write"), asked=asked)
            return
        broken = _broken_by_write(view, after)
        rare = kind in {"checkpoint", "park", "release"}
        known = view.becomes(resting if kind == "checkpoint" else (), after)
        yield Step(
            view.says(f"writes {kind} of"), known, "" if rare else view.duty("write"), rare, broken=broken, asked=asked
        )
        if view.setup.in_flight:
            unknown = view.becomes(view.hold, after)
            yield Step(view.says(f"writes {kind}, and hears no answer, of"), unknown, rare=True, broken=broken)


def _broken_by_write(view: _View, after: Row) -> str:
    if not view.current:
        return Property.STALE_WRITE
    if view.row.finished:
        return _changed(view.row, after)
    return "" if view.row.state == "running" else Property.UNLEASED_WRITE


def _changed(before: Row, after: Row) -> str:
    return Property.FINISHED_LEFT if before.finished and before != after else ""


def _finished_left(before: tuple[Row, ...], after: tuple[Row, ...]) -> str:
    return next(filter(None, map(_changed, before, after)), "")


def _with_worker(world: World, nth: int, worker: Worker) -> World:
    return World(world.rows, (*world.workers[:nth], worker, *world.workers[nth + 1 :]))


def _with_row(world: World, run: int, row: Row) -> World:
    return World((*world.rows[:run], row, *world.rows[run + 1 :]), world.workers)


def _replaced(holds: tuple[Hold | tuple[()], ...], run: int, hold: Hold | tuple[()]) -> tuple[Hold | tuple[()], ...]:
    return (*holds[:run], hold, *holds[run + 1 :])
