"""The whole machine: everything that can happen next to the rows, the workers, those who keep the queue, and the clock.

A worker acts on what it remembers: the fence that it was given, and for how many ticks it still trusts its lease. Between
a statement's sending and its effect, and between that and its answer, anything may happen. What needs no state of its own:

- A worker that is paused or cut off simply takes no step while others and the clock do. Waking up, it is a zombie.
- A worker whose main process has died leaves its place empty: for one that is to come, or for nobody, who never takes a step.
- The answer to a claim: until it has come the worker does nothing with the run, and its trust runs from the sending.
- Which move a worker writes is decided when it takes effect: nobody could see it before.
- A statement that takes effect after its sender's crash looks to everybody like one whose sender crashed a little later.
- The same after its burial: it finds its run under another fence, or not running.
- A process that claims a run again of which it still has a zombie thread counts as another worker.

One thing no lease can promise: a thread that looked at its trust and was then paused for longer than the margin starts its
effect late. So here a thread that has looked starts within `MARGIN` ticks; beyond that the idempotency key helps.
"""

from collections.abc import Iterator

from tests.unit.queue_model import deaths, statements
from tests.unit.queue_model.holding import View, holding
from tests.unit.queue_model.statements import LEASE
from tests.unit.queue_model.world import IDLE, Asked, Doing, Hold, Property, Setup, Step, Worker, World, changed


def steps(world: World, setup: Setup) -> Iterator[Step]:
    """Everything that can happen next."""
    yield from _clock(world, setup)
    yield from _keepers(world, setup)
    for nth, worker in enumerate(world.workers):
        if worker.dead:
            yield from deaths.burials(world, nth, setup)
            continue
        yield from _claiming(world, nth, setup)
        for run, hold in enumerate(worker.holds):
            if hold:
                yield from holding(View(world, nth, run, hold, setup))
        yield from deaths.deaths(world, nth, setup)


def _clock(world: World, setup: Setup) -> Iterator[Step]:
    if any(hold.doing == Doing.LATE for worker in world.workers for hold in worker.holds if hold):
        return
    rows = tuple(statements.tick(row) for row in world.rows)
    workers = tuple(
        Worker(
            max(worker.claiming - 1, 0) if worker.claiming >= 0 else worker.claiming,
            tuple([_ticked(hold) if hold else hold for hold in worker.holds]),
        )
        for worker in world.workers
    )
    after = World(rows, workers)
    if not setup.outages:
        after = _with_heartbeats(after, setup)
    if after != world:
        yield Step("a tick", after, "tick", rare=_a_suspect_loses_its_lease(world))


def _ticked(hold: Hold) -> Hold:
    doing = Doing.LATE if hold.doing == Doing.STARTING else hold.doing
    return hold._replace(trust=max(hold.trust - 1, 0), doing=doing, renewed_trust=max(hold.renewed_trust - 1, 0))


def _with_heartbeats(world: World, setup: Setup) -> World:
    """Every worker that lives has renewed in time."""
    for nth, run, hold in _held(world):
        row = world.rows[run]
        if row.state == "running" and row.fence == hold.fence:
            worker = world.workers[nth].holding(run, hold._replace(trust=setup.fresh_trust))
            world = world.with_row(run, row._replace(left=LEASE)).with_worker(nth, worker)
    return world


def _a_suspect_loses_its_lease(world: World) -> bool:
    """Its worker was silent while it waited. Nobody is blamed for that, so there must be an end of it by itself."""
    return any(
        world.rows[run].left == 1 and world.rows[run].fence == hold.fence and not hold.begun
        for _, run, hold in _held(world)
    )


def _held(world: World) -> Iterator[tuple[int, int, Hold]]:
    """Worker, run and what is known of it, of all workers that live."""
    for nth, worker in enumerate(world.workers):
        for run, hold in enumerate(worker.holds):
            if hold and not worker.dead:
                yield nth, run, hold


def _keepers(world: World, setup: Setup) -> Iterator[Step]:
    """The reaper, the promoter and the canceler."""
    reaped = tuple(statements.reap(row, without=setup.without) or row for row in world.rows)
    if reaped != world.rows:
        taken = any(before.leased and before != after for before, after in zip(world.rows, reaped, strict=True))
        asked = Asked(world.rows[0], "reap") if setup.runs == 1 else None
        broken = Property.LEASE_TAKEN if taken else next(filter(None, map(changed, world.rows, reaped)), "")
        yield Step("the reaper looks", world._replace(rows=reaped), "reap", broken=broken, asked=asked)
    for run, row in enumerate(world.rows):
        if after := statements.promote(row, without=setup.without):
            broken = changed(row, after) or (Property.EARLY if row.left else "")
            world_after = world.with_row(run, after)
            yield Step(f"run {run} is promoted", world_after, "promote", broken=broken, asked=Asked(row, "promote"))
        if after := statements.cancel(row, without=setup.without):
            world_after = world.with_row(run, after)
            broken = changed(row, after)
            yield Step(f"run {run} is canceled", world_after, broken=broken, asked=Asked(row, "cancel"))


def _claiming(world: World, nth: int, setup: Setup) -> Iterator[Step]:
    """One run at a time: several that come with one claim are like several claims, and one that waits to be alone bars none."""
    worker = world.workers[nth]
    if worker.one_is_alone:
        return
    if setup.in_flight and worker.claiming == IDLE:
        asking = worker._replace(claiming=setup.fresh_trust)
        yield Step(f"worker {nth} sends a claim", world.with_worker(nth, asking), "send claim")
        return
    trust = worker.claiming if setup.in_flight else setup.fresh_trust
    idle = worker._replace(claiming=IDLE)
    found = False
    for run, row in enumerate(world.rows):
        if worker.holds[run] != ():
            continue
        after = statements.claim(row, worker=nth, without=setup.without)
        if after:
            found = True
            hold = setup.claimed(after, trust=trust)
            broken = Property.LEASE_TAKEN if row.leased else changed(row, after)
            world_after = world.with_worker(nth, idle.holding(run, hold)).with_row(run, after)
            asked = Asked(row, "claim")
            yield Step(f"worker {nth} claims run {run}", world_after, "claim", broken=broken, asked=asked)
    if not found and setup.in_flight:
        yield Step(f"worker {nth} finds nothing to claim", world.with_worker(nth, idle), "claim")
