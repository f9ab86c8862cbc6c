"""Which states are one: they differ only in what nobody compares.

Workers and runs are interchangeable, fences are only compared with each other, nothing reads how many attempts there were, of
a finished run only whether it was canceled is looked at, and of a run that goes on who claimed it.
"""

from functools import cache
from itertools import permutations, product

from tests.unit.queue_model.statements import NEVER, NOBODY, Row
from tests.unit.queue_model.world import Asked, Setup, Worker, World


def folded(world: World, setup: Setup) -> World:
    """The one that stands for all that are like it."""
    for run in range(len(world.rows)):
        world = _with_run_folded(world, run)
    return min(_rearranged(world, runs) for runs in _rearrangements(setup))


def asked_alike(asked: Asked) -> Asked:
    """The one that stands for all of which the statement sees the same."""
    row = asked.row
    begun_fence = 0 if row.begun else NEVER
    return asked._replace(row=row._replace(fence=0, attempt=0, worker=NOBODY, begun_fence=begun_fence))


@cache
def _rearrangements(setup: Setup) -> list[tuple[int, ...]]:
    """Those that kill their workers among themselves, and the others."""
    killing = sorted(setup.kills)
    others = [run for run in range(setup.runs) if run not in setup.kills]
    rearranged = []
    for first, second in product(permutations(killing), permutations(others)):
        places = dict(zip([*killing, *others], [*first, *second], strict=True))
        rearranged.append(tuple([places[run] for run in range(setup.runs)]))
    return rearranged


def _rearranged(world: World, runs: tuple[int, ...]) -> World:
    """The runs in this order, and the workers in that of what they know and of what was claimed by them."""
    rows = [world.rows[run] for run in runs]
    workers = sorted(
        [
            (Worker(each.claiming, tuple([each.holds[run] for run in runs])), [row.worker == nth for row in rows], nth)
            for nth, each in enumerate(world.workers)
        ]
    )
    places = {nth: place for place, (_, _, nth) in enumerate(workers)} | {NOBODY: NOBODY}
    return World(
        tuple([row if row.worker == places[row.worker] else row._replace(worker=places[row.worker]) for row in rows]),
        tuple([worker for worker, _, _ in workers]),
    )


def _with_run_folded(world: World, run: int) -> World:
    row = world.rows[run]
    workers = [_without_what_is_over(worker, run, row) for worker in world.workers]
    fences = {row.fence} | {hold.fence for worker in workers if (hold := worker.holds[run])}
    rank = {fence: place for place, fence in enumerate(sorted(fences))}
    workers = [_with_fence(worker, run, rank) for worker in workers]
    known = row.state == "running" or (row.worker != NOBODY and workers[row.worker].holds[run])
    row = Row(
        ("canceled" if row.state == "canceled" else "succeeded") if row.finished else row.state,
        row.left,
        rank[row.fence],
        attempt=0,
        losses=0 if row.finished else row.losses,
        failures=0 if row.finished else row.failures,
        worker=row.worker if known else NOBODY,
        begun_fence=rank[row.fence] if row.state == "running" and row.begun else NEVER,
    )
    return World((*world.rows[:run], row, *world.rows[run + 1 :]), tuple(workers))


def _without_what_is_over(worker: Worker, run: int, row: Row) -> Worker:
    """A dead worker is blamed for no run that another has by now."""
    hold = worker.holds[run]
    return worker.holding(run, ()) if worker.dead and hold and hold.fence != row.fence else worker


def _with_fence(worker: Worker, run: int, rank: dict[int, int]) -> Worker:
    hold = worker.holds[run]
    if not hold or hold.fence == rank[hold.fence]:
        return worker
    return worker.holding(run, hold._replace(fence=rank[hold.fence]))
