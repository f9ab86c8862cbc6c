"""The moves of runs that are planned, claimed, ended, put back and canceled. What lets a waiting one go on: `release`, `admission`.

A move is one guarded statement: its WHERE names the state and the fence it leaves, so a worker that was
too slow changes no row and is told so. The events of a move are written by the same statement. Time is the
database's: the workers' clocks differ.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
import prometheus_client as prometheus
from django.db import transaction

from tasks_app import faults, queue_sql, release_sql
from tasks_app.admission import Openings, admit_after_commit
from tasks_app.exceptions import LeaseLost
from tasks_app.fair_order import fair_order
from tasks_app.models.ids import new_id
from tasks_app.models.run import Lease
from tasks_app.models.step_log import Step as Step  # noqa: PLC0414 - part of what a move is
from tasks_app.moves import Move as Move  # noqa: PLC0414 - part of what a move is
from tasks_app.moves import Remembered as Remembered  # noqa: PLC0414 - part of what a move is
from tasks_app.moves import as_json, to_remember
from tasks_app.queue_sql import execute
from tasks_app.states import (
    FINISHED,
    LOST_WORKERS_UNTIL_DEAD,
    AttemptOutcome,
    RunState,
    Trigger,
    WaitingFor,
)

_finished = prometheus.Counter("orchestrator_runs_total", "Runs that have finished.", ["state"])
_simulated = prometheus.Counter(
    "orchestrator_simulated_runs_total", "Simulated runs that have finished, which count as nothing else.", ["state"]
)
_refused = prometheus.Counter("orchestrator_stale_writes_refused_total", "Moves of runs whose lease had been lost.")
_start_delay = prometheus.Histogram(
    "orchestrator_start_delay_seconds",
    "From the time a run was due to its claim.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300),
)


@dataclass(frozen=True, kw_only=True)
class NewRun:
    """A run to be planned.

    scheduled_for: its nominal instant, None when it was asked for by hand. start: when it may begin, None for at once. lane:
    among the runs of one lane, one that `takes_turn` waits until no other goes on. concurrency_key: as many as
    `concurrency_limit` of the agent's runs under it go on at one time. queue_timeout: seconds, from `start`, within which
    a worker has to begin with it.
    """

    task: UUID
    task_version: int
    agent: UUID
    priority: int
    trigger: Trigger
    scheduled_for: datetime | None = None
    start: datetime | None = None
    queue_timeout: int | None = None
    lane: str = ""
    takes_turn: bool = False
    concurrency_key: str = ""
    concurrency_limit: int = 1
    dedupe_key: str = ""
    backfill: UUID | None = None
    simulated: bool = False
    input: Any = None
    request_id: str = ""


class ClaimedRun(NamedTuple):
    """What a worker needs to know of a run that it has leased. `unreadable`: why its input cannot be read; empty where it can.

    Named tuples, this and the move: a frozen dataclass of so many fields takes ten times as long to make, for every run.
    """

    id: UUID
    fence: int
    attempt: int
    failures: int
    losses: int
    task: UUID
    task_version: int
    agent: UUID
    trigger: str
    scheduled_for: datetime | None
    started_at: datetime
    input: Any
    request_id: str
    waited_seconds: float
    lane: str = ""
    concurrency_key: str = ""
    agent_limited: bool = False
    priority: int = 5
    fair_at: datetime | None = None
    simulated: bool = False
    unreadable: str = ""

    @property
    def lease(self) -> Lease:
        return Lease(self.id, self.fence)


@dataclass(frozen=True, slots=True)
class Renewal:
    """The runs whose leases were prolonged, and those that are lost; any other is ours but was being moved."""

    renewed: set[UUID]
    lost: set[UUID]


@dataclass(frozen=True, slots=True)
class Blame:
    """A run that its worker's death is put down to, and the error that says so. `timed_out`: it is over with that."""

    lease: Lease
    code: str
    message: str
    timed_out: bool = False


def enqueue(runs: Sequence[NewRun]) -> list[UUID]:
    """Plan runs, due at once or at their instant; an instant that has its run already gets no second one.

    Those that take turns, have a key, or an agent with a limit wait, and are let in after the commit as far as there is room.
    """
    places = fair_order.places([(run.priority, run.agent, run.start) for run in runs])
    rows = [vars(run) | {"id": new_id(), "fair": place} for run, place in zip(runs, places, strict=True)]
    planned = execute(queue_sql.ENQUEUE, {"runs": _json(rows)})
    openings = Openings(agents={agent for _, agent in planned if agent})
    for run in runs:
        if run.takes_turn or run.concurrency_key:
            openings.add(run.lane, run.agent, run.concurrency_key, False)
    admit_after_commit(openings)
    return [run for run, _ in planned]


def claim(*, worker: str, limit: int, lease: timedelta, floors: Sequence[datetime | None] = ()) -> list[ClaimedRun]:
    """Lease up to `limit` queued runs to `worker`, the most urgent first; those being claimed elsewhere are skipped.

    floors: for the priorities 9 to 1, the place (`fair_at`) before which not to look.
    """
    asked = {"worker": worker, "limit": limit, "lease": lease, "floors": [each or _BEFORE_ALL for each in floors]}
    rows = execute(queue_sql.CLAIM_BEYOND if floors else queue_sql.CLAIM, asked)
    faults.hit("after_claim")
    claimed = [_claimed(*row) for row in rows]
    if claimed:
        transaction.on_commit(partial(_observe, claimed))
    return claimed


def move(moves: Sequence[Move]) -> set[UUID]:
    """Make all the moves, each of another run. Answers the runs moved: for any other the lease was lost.

    In one statement, but for those with so large results that Postgres might not take them together.
    """
    written = as_json(moves)
    faults.hit("before_move")
    moved: dict[UUID, bool] = {}
    with transaction.atomic() if any(each.remember for each in moves) else nullcontext():
        for some in written:
            moved.update(execute(queue_sql.MOVE, {"moves": some}))
        remembering = [each for each in moves if each.remember and each.lease.run_id in moved]
        if remembering:
            execute(queue_sql.REMEMBER, {"steps": to_remember(remembering).decode()})
    refused = len(moves) - len(moved)
    if refused:
        transaction.on_commit(partial(_refused.inc, refused))
    made = [each for each in moves if each.lease.run_id in moved] if refused else moves
    _count((each.state, moved[each.lease.run_id]) for each in made if each.state in FINISHED)
    return set(moved)


def apply(one: Move) -> None:
    """Make one move. Raises `LeaseLost` when another has the run by now."""
    if not move([one]):
        raise LeaseLost(f"Run {one.lease.run_id} is no longer leased under fence {one.lease.fence}.")


def succeed(lease: Lease, *, steps: Sequence[Step] = ()) -> Move:
    return Move(lease, RunState.SUCCEEDED, AttemptOutcome.SUCCEEDED, "run.succeeded", steps)


def fail(lease: Lease, *, error: Mapping[str, Any], steps: Sequence[Step] = ()) -> Move:
    return Move(lease, RunState.FAILED, AttemptOutcome.FAILED, "run.failed", steps, error)


def time_out(lease: Lease, *, error: Mapping[str, Any], steps: Sequence[Step] = ()) -> Move:
    return Move(lease, RunState.TIMED_OUT, AttemptOutcome.TIMED_OUT, "run.timed_out", steps, error)


def retry(lease: Lease, *, delay: float, error: Mapping[str, Any], steps: Sequence[Step] = ()) -> Move:
    """Try again in `delay` seconds; the run holds no worker until then."""
    return Move(
        lease, RunState.WAITING, AttemptOutcome.RETRIED, "run.retried", steps, error, WaitingFor.RETRY, delay, 1
    )


def park(lease: Lease, *, delay: float, waiting_for: WaitingFor = WaitingFor.SLEEP, steps: Sequence[Step] = ()) -> Move:
    """Wait `delay` seconds without a worker, or until somebody gives what it is waiting for."""
    return Move(lease, RunState.WAITING, AttemptOutcome.WAITING, "run.waiting", steps, None, waiting_for, delay)


def doubt(lease: Lease, *, error: Mapping[str, Any], steps: Sequence[Step] = ()) -> Move:
    """Wait until a person says what became of a step whose outcome nobody knows."""
    return Move(lease, RunState.WAITING, AttemptOutcome.WAITING, "run.waiting", steps, error, WaitingFor.DECISION)


def release(lease: Lease, *, steps: Sequence[Step] = ()) -> Move:
    """Hand a run back unfinished, for another worker to go on with at once."""
    return Move(lease, RunState.QUEUED, AttemptOutcome.HANDED_BACK, "run.queued", steps)


def checkpoint(lease: Lease, *, steps: Sequence[Step], remember: Sequence[Remembered] = ()) -> Move:
    """Record steps of a run that goes on; and, in the same transaction, what is to stand for further calls."""
    return Move(lease, RunState.RUNNING, None, "", steps, remember=remember)


def renew(leases: Sequence[Lease], *, lease: timedelta) -> Renewal:
    """Prolong leases that have not expired."""
    ours = dict(execute(queue_sql.RENEW, {"leases": _leases(leases), "lease": lease}))
    renewed = {run for run, prolonged in ours.items() if prolonged}
    return Renewal(renewed, {each.run_id for each in leases} - ours.keys())


def reap(*, limit: int) -> list[RunState]:
    """Put back the runs whose worker stopped renewing; one that lost too many workers is dead. Answers their states.

    Those put back keep their turn and their place. A run is blamed if it had been begun, as far as that is known: one that
    was lost before is begun only after `begin_suspects`.
    """
    return _put_back(queue_sql.REAP, {"limit": limit})


def bury(*, worker: str, blame: Sequence[Blame], message: str) -> list[RunState]:
    """Put back the runs of a worker whose process is dead for certain, whatever their leases say. Answers their states.

    Only those in `blame` are counted as lost by their own doing; `message` is the error of the others.
    """
    blamed = [
        {"run": str(each.lease.run_id), "fence": each.lease.fence}
        | {"timed_out": each.timed_out, "code": each.code, "message": each.message}
        for each in blame
    ]
    return _put_back(queue_sql.BURY, {"worker": worker, "blame": _json(blamed), "message": message})


def _put_back(sql: str, parameters: Mapping[str, Any]) -> list[RunState]:
    lost = execute(sql, {**parameters, "deadly": LOST_WORKERS_UNTIL_DEAD})
    _open(place for state, _, *place in lost if state != RunState.QUEUED)
    _count((state, simulated) for state, simulated, *_ in lost if state != RunState.QUEUED)
    return [RunState(state) for state, *_ in lost]


def begin_suspects(leases: Sequence[Lease]) -> set[UUID]:
    """Record that runs which were lost before are about to begin. Answers those that are still ours: no others may."""
    return {row[0] for row in execute(queue_sql.BEGIN_SUSPECTS, {"leases": _leases(leases)})}


def still_ours(leases: Sequence[Lease]) -> set[UUID]:
    """Those of the runs that are leased under this very fence, be the lease over or not."""
    return {row[0] for row in execute(queue_sql.STILL_OURS, {"leases": _leases(leases)})}


def promote(*, limit: int) -> int:
    """Queue the waiting runs whose time has come, or let them wait for their turn or place now. Answers how many."""
    due = execute(queue_sql.WAKES, {"limit": limit})
    if not due:
        return 0
    places = fair_order.places([(priority, agent, None) for _, priority, agent in due])
    wakes = [{"run": run, "fair": place} for (run, *_), place in zip(due, places, strict=True)]
    promoted = execute(queue_sql.PROMOTE, {"wakes": _json(wakes)})
    _open(place for state, *place in promoted if state == RunState.WAITING)
    return len(promoted)


def give_up_unclaimed(*, limit: int) -> int:
    """Time out the runs that no worker has begun with, although their time for that is over. Answers how many."""
    given_up = execute(release_sql.GIVE_UP_UNCLAIMED, {"limit": limit})
    _count((RunState.TIMED_OUT, simulated) for simulated, *_ in given_up)
    _open(place for _, *place in given_up)
    return len(given_up)


def cancel(runs: Sequence[UUID], *, reason: str) -> list[UUID]:
    """Cancel the runs among `runs` that have not finished, whoever holds them, and those whose end these wait for."""
    ended: list[UUID] = []
    while runs:
        canceled = execute(queue_sql.CANCEL, {"runs": list(runs), "reason": reason})
        _count((RunState.CANCELED, simulated) for _, simulated, *_ in canceled)
        _open(place for _, _, *place in canceled)
        ended += [run for run, *_ in canceled]
        # Asked with the rows locked: a child that was made a moment ago is seen, and from now on none is made.
        runs = [child for (child,) in execute(queue_sql.AWAITED, {"runs": [run for run, *_ in canceled]})]
    return ended


def change_lane(task: UUID, *, old: str, new: str) -> None:
    """Let the task's unfinished runs of the lane `old` be of `new`; in none, they wait for no turn."""
    moved = execute(release_sql.CHANGE_LANE, {"task": task, "old": old, "new": new})
    _open(place for state, *place in moved if state != RunState.QUEUED)


def _count(ended: Iterable[tuple[str, bool]]) -> None:
    """Runs that have finished, each by its state and whether it was simulated; none, if that is taken back."""
    for (state, simulated), number in Counter(ended).items():
        transaction.on_commit(partial((_simulated if simulated else _finished).labels(state).inc, number))


def _observe(claimed: Iterable[ClaimedRun]) -> None:
    for run in claimed:
        _start_delay.observe(run.waited_seconds)


def _open(places: Iterable[Sequence[Any]]) -> None:
    """Let others go on where these runs, by lane, agent, key and whether the agent has a limit, have made room."""
    openings = Openings()
    for place in places:
        openings.add(*place)
    admit_after_commit(openings)


def _claimed(*columns: Any) -> ClaimedRun:
    """Postgres stores JSON that cannot be read here, as numbers without end: that is the run's own fault, not the batch's."""
    values = [*columns, ""]
    try:
        values[_INPUT] = orjson.loads(values[_INPUT]) if values[_INPUT] else None
    except ValueError as error:
        values[_INPUT], values[-1] = None, str(error)
    return ClaimedRun(*values)


_INPUT: Final = 11  # the place of `input` among the columns of CLAIM
_BEFORE_ALL: Final = datetime(1, 1, 2, tzinfo=UTC)


def _leases(leases: Sequence[Lease]) -> str:
    return _json([{"run": str(each.run_id), "fence": each.fence} for each in leases])


def _json(rows: Sequence[Any]) -> str:
    return orjson.dumps(rows).decode()
