"""How workers die, and how the process that takes a dead one's place buries it."""

from collections.abc import Collection, Iterator

from tests.unit.queue_model import statements
from tests.unit.queue_model.holding import View
from tests.unit.queue_model.statements import NOBODY, Blame, Row
from tests.unit.queue_model.world import DEAD, Asked, Doing, Property, Setup, Step, World, changed


def deaths(world: World, nth: int, setup: Setup) -> Iterator[Step]:
    """A process dies and is known to, or its main process dies with it, and nobody knows."""
    worker = world.workers[nth]
    for run, hold in enumerate(worker.holds):
        if hold and hold.begun and run in setup.kills:
            view = View(world, nth, run, hold, setup)
            yield Step(f"run {run} kills worker {nth}", _died(world, nth), view.duty("kill"))
            yield Step(
                f"run {run} kills worker {nth} and its main process", _gone(world, nth, setup), view.duty("kill")
            )
    if setup.outages and (any(worker.holds) or worker.claiming >= 0):
        yield Step(f"worker {nth} dies with its main process", _gone(world, nth, setup), rare=True)
        if any(worker.holds):
            yield Step(f"worker {nth} dies", _died(world, nth), rare=True)


def burials(world: World, nth: int, setup: Setup) -> Iterator[Step]:
    """Blamed is the run that kept the process to itself, or all that had begun. The main process may die before that."""
    begun = [run for run, hold in enumerate(world.workers[nth].holds) if hold and hold.begun]
    yield _burial(world, nth, begun, setup)
    if len(begun) > 1:
        for run in begun:
            if setup.outages or run in setup.kills:
                yield _burial(world, nth, [run], setup)
    if setup.outages:
        yield Step(f"worker {nth} is not buried", _gone(world, nth, setup), rare=True)


def _burial(world: World, nth: int, blamed: Collection[int], setup: Setup) -> Step:
    rows = []
    broken = ""
    for run, (row, hold) in enumerate(zip(world.rows, world.workers[nth].holds, strict=True)):
        blame = Blame(hold.fence) if hold and run in blamed else None
        after = statements.bury(row, worker=nth, blame=blame, without=setup.without)
        if after:
            broken = broken or _broken_by_burial(row, after, nth)
        rows.append(after or row)
    asked = None
    if setup.runs == 1:
        [row], [hold] = world.rows, world.workers[nth].holds
        statement = "bury and blame" if blamed else "bury"
        if row.worker != nth:
            statement = "bury another"
        asked = Asked(row, statement, not hold or hold.fence == row.fence)
    after_it = World(tuple(rows), world.workers).with_worker(nth, setup.newcomer())
    whom = " and ".join(f"run {run}" for run in blamed) or "nobody"
    return Step(f"worker {nth} is buried, and {whom} blamed", after_it, "bury", broken=broken, asked=asked)


def _broken_by_burial(row: Row, after: Row, nth: int) -> str:
    if row.state != "running":
        return changed(row, after) or Property.UNLEASED_WRITE
    return Property.LEASE_TAKEN if row.worker != nth else ""


def _died(world: World, nth: int) -> World:
    """What it held stands on the board that its main process reads."""
    holds = [
        hold
        and hold._replace(trust=0, doing=Doing.RESTING if hold.begun else Doing.WAITING, renewal="", renewed_trust=0)
        for hold in world.workers[nth].holds
    ]
    return world.with_worker(nth, world.workers[nth]._replace(claiming=DEAD, holds=tuple(holds)))


def _gone(world: World, nth: int, setup: Setup) -> World:
    """Whoever comes next has another name."""
    rows = [row._replace(worker=NOBODY) if row.worker == nth else row for row in world.rows]
    return World(tuple(rows), world.workers).with_worker(nth, setup.newcomer())
