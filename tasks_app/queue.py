"""Every move a run can make, and nothing else.

A move is one guarded statement: its WHERE names the state and the fence it leaves, so a worker that was
too slow changes no row and is told so. The events of a move are written by the same statement. Time is the
database's: the workers' clocks differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from django.db import connection
from prometheus_client import Counter, Histogram

from tasks_app import faults
from tasks_app.exceptions import LeaseLost
from tasks_app.models.ids import new_id
from tasks_app.models.run import Lease
from tasks_app.states import (
    FINISHED,
    LOST_WORKERS_UNTIL_DEAD,
    AttemptOutcome,
    RunState,
    StepState,
    Trigger,
    WaitingFor,
)

_finished = Counter("orchestrator_runs_total", "Runs that have finished.", ["state"])
_refused = Counter("orchestrator_stale_writes_refused_total", "Moves of runs whose lease had been lost.")
_start_delay = Histogram(
    "orchestrator_start_delay_seconds",
    "From the time a run was due to its claim.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300),
)


@dataclass(frozen=True, kw_only=True)
class NewRun:
    """A run to be planned. `scheduled_for` is its nominal instant, None when it was asked for by hand."""

    task: UUID
    task_version: int
    agent: UUID
    priority: int
    trigger: Trigger
    scheduled_for: datetime | None = None
    input: Any = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    """What a worker needs to know of a run that it has leased."""

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

    @property
    def lease(self) -> Lease:
        return Lease(self.id, self.fence)


@dataclass(frozen=True, slots=True)
class Renewal:
    """The runs whose leases were prolonged, and those that are lost; any other is ours but was being moved."""

    renewed: set[UUID]
    lost: set[UUID]


@dataclass(frozen=True, slots=True)
class Step:
    """What one step came to, as it is recorded. `input`, `output` and `error` are JSON values."""

    step: str
    position: int
    state: str
    tool: str
    input: Any
    output: Any
    error: Mapping[str, Any] | None
    duration_ms: int
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Move:
    """How a leased run goes on, with the steps that are recorded in the same statement."""

    lease: Lease
    state: RunState
    outcome: AttemptOutcome | None
    event: str
    steps: Sequence[Step] = ()
    error: Mapping[str, Any] | None = None
    waiting_for: str = ""
    delay: float = 0.0
    failures: int = 0


# A materialised CTE: joined as a sub-select, the LIMIT may be run again and lease more than was asked for.
_CLAIM: Final = """
WITH due AS MATERIALIZED (
    SELECT id
      FROM tasks_run
     WHERE state = 'queued'
     ORDER BY priority DESC, run_at, id
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE tasks_run AS run
       SET state = 'running',
           fence = run.fence + 1,
           attempt = run.attempt + 1,
           worker = %(worker)s,
           claimed_at = clock_timestamp(),
           lease_until = clock_timestamp() + %(lease)s,
           started_at = coalesce(run.started_at, clock_timestamp()),
           event_seq = run.event_seq + 1
      FROM due
     WHERE run.id = due.id
       AND run.state = 'queued'
 RETURNING run.*
), noted AS (
    INSERT INTO tasks_outboxevent (type, aggregate_kind, aggregate_id, seq, agent, request_id, data)
    SELECT 'run.started', 'run', id, event_seq, agent_id, request_id,
           jsonb_build_object('task', task_id, 'attempt', attempt, 'worker', worker)
      FROM claimed
)
SELECT id, fence, attempt, failures, losses, task_id, task_version, agent_id, trigger, scheduled_for, started_at,
       input::text, request_id, extract(epoch FROM claimed_at - run_at)::float8
  FROM claimed
 ORDER BY priority DESC, run_at, id
"""

# One JSON parameter for the runs and one for their steps: arrays with unnest turn quadratic in a fenced update.
_MOVE: Final = """
WITH moved AS (
    UPDATE tasks_run AS run
       SET state = move.state,
           waiting_for = move.waiting_for,
           run_at = CASE WHEN move.state IN ('queued', 'waiting')
                         THEN clock_timestamp() + move.delay * interval '1 second' ELSE run.run_at END,
           lease_until = CASE WHEN move.state = 'running' THEN run.lease_until END,
           finished_at = CASE WHEN move.state NOT IN ('queued', 'waiting', 'running') THEN clock_timestamp() END,
           failures = run.failures + move.failures,
           error = move.error,
           event_seq = run.event_seq + move.steps + (move.event <> '')::int
      FROM json_to_recordset(%(moves)s) AS move (
               run uuid, fence bigint, state text, waiting_for text, delay float8, failures int, error jsonb,
               outcome text, event text, steps int)
     WHERE run.id = move.run
       AND run.fence = move.fence
       AND run.state = 'running'
 RETURNING run.id, run.task_id, run.agent_id, run.request_id, run.attempt, run.worker, run.claimed_at, run.error,
           run.state, move.outcome, move.event, move.delay, run.event_seq,
           run.event_seq - move.steps - (move.event <> '')::int AS event_seq_before
), tried AS (
    INSERT INTO tasks_attempt (run_id, number, outcome, worker, started_at, finished_at, error)
    SELECT id, attempt, outcome, worker, claimed_at, clock_timestamp(), error
      FROM moved
     WHERE outcome <> ''
), done AS (
    SELECT step.*, moved.id, moved.attempt, moved.task_id, moved.agent_id, moved.request_id,
           moved.event_seq_before + step.nth AS seq
      FROM json_to_recordset(%(steps)s) AS step (
               run uuid, nth int, step text, position int, state text, tool text, input jsonb, output jsonb,
               error jsonb, duration_ms int, idempotency_key text)
      JOIN moved ON moved.id = step.run
), recorded AS (
    INSERT INTO tasks_stepresult AS kept (run_id, step, position, attempt, state, tool, input, output, error,
                                          duration_ms, idempotency_key, recorded_at)
    SELECT id, step, position, attempt, state, tool, input, output, error, duration_ms, idempotency_key,
           clock_timestamp()
      FROM done
        ON CONFLICT (run_id, step) DO UPDATE
       SET (position, attempt, state, tool, input, output, error, duration_ms, idempotency_key, recorded_at) =
           (excluded.position, excluded.attempt, excluded.state, excluded.tool, excluded.input, excluded.output,
            excluded.error, excluded.duration_ms, excluded.idempotency_key, excluded.recorded_at)
     WHERE kept.state IN ('failed', 'waiting')
), noted AS (
    INSERT INTO tasks_outboxevent (type, aggregate_kind, aggregate_id, seq, agent, request_id, data)
    SELECT * FROM (
        SELECT 'run.step_' || state, 'run', id, seq, agent_id, request_id,
               jsonb_strip_nulls(jsonb_build_object('task', task_id, 'attempt', attempt, 'step', step, 'tool', tool,
                                                    'duration_ms', duration_ms, 'error', error))
          FROM done
         WHERE state <> 'waiting'  -- of that the run's own event tells
     UNION ALL
        SELECT event, 'run', id, event_seq, agent_id, request_id,
               jsonb_strip_nulls(jsonb_build_object('task', task_id, 'attempt', attempt, 'state', state,
                                                    'delay_seconds', nullif(delay, 0), 'error', error))
          FROM moved
         WHERE event <> ''
    ) AS happened (type, kind, id, seq, agent, request_id, data)
     ORDER BY id, seq
)
SELECT id FROM moved
"""

_ENQUEUE: Final = """
WITH planned AS (
    INSERT INTO tasks_run (id, task_id, task_version, agent_id, priority, trigger, scheduled_for, run_at, input,
                           request_id, state, waiting_for, worker, fence, attempt, failures, losses, event_seq)
    SELECT id, task, task_version, agent, priority, trigger, scheduled_for,
           coalesce(scheduled_for, clock_timestamp()), input, request_id, 'queued', '', '', 0, 0, 0, 0, 1
      FROM json_to_recordset(%(runs)s) AS planned (
               id uuid, task uuid, task_version int, agent uuid, priority int, trigger text,
               scheduled_for timestamptz, input jsonb, request_id text)
        ON CONFLICT (task_id, scheduled_for) DO NOTHING
 RETURNING id, task_id, agent_id, request_id, scheduled_for, trigger
), noted AS (
    INSERT INTO tasks_outboxevent (type, aggregate_kind, aggregate_id, seq, agent, request_id, data)
    SELECT 'run.queued', 'run', id, 1, agent_id, request_id,
           jsonb_build_object('task', task_id, 'trigger', trigger, 'scheduled_for', scheduled_for)
      FROM planned
)
SELECT id FROM planned
"""

# It waits for nobody: a row that is being moved is left as it is. Heartbeat and dispatcher of one process write
# the same rows all the time, and two that wait for each other's rows would stand still until one is given up.
_RENEW: Final = """
WITH ours AS MATERIALIZED (
    SELECT run.id
      FROM tasks_run AS run
      JOIN json_to_recordset(%(leases)s) AS held (run uuid, fence bigint) ON held.run = run.id
     WHERE run.fence = held.fence
       AND run.state = 'running'
       AND run.lease_until > clock_timestamp()
), free AS MATERIALIZED (
    SELECT run.id
      FROM tasks_run AS run
      JOIN json_to_recordset(%(leases)s) AS held (run uuid, fence bigint) ON held.run = run.id
     WHERE run.fence = held.fence
       AND run.state = 'running'
       AND run.lease_until > clock_timestamp()
       FOR UPDATE OF run SKIP LOCKED
), renewed AS (
    UPDATE tasks_run AS run
       SET lease_until = clock_timestamp() + %(lease)s
      FROM free
     WHERE run.id = free.id
 RETURNING run.id
)
SELECT ours.id, renewed.id IS NOT NULL
  FROM ours
  LEFT JOIN renewed ON renewed.id = ours.id
"""

_REAP: Final = """
WITH lost AS MATERIALIZED (
    SELECT id
      FROM tasks_run
     WHERE state = 'running'
       AND lease_until < clock_timestamp()
     ORDER BY lease_until
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
), reaped AS (
    UPDATE tasks_run AS run
       SET state = CASE WHEN run.losses + 1 >= %(deadly)s THEN 'dead' ELSE 'queued' END,
           losses = run.losses + 1,
           lease_until = NULL,
           finished_at = CASE WHEN run.losses + 1 >= %(deadly)s THEN clock_timestamp() END,
           run_at = CASE WHEN run.losses + 1 >= %(deadly)s THEN run.run_at ELSE clock_timestamp() END,
           error = jsonb_build_object('error_class', 'lost_worker', 'code', 'worker_lost',
                                      'message', 'The worker ' || run.worker || ' stopped renewing its lease.'),
           event_seq = run.event_seq + 1
      FROM lost
     WHERE run.id = lost.id
       AND run.state = 'running'
       AND run.lease_until < clock_timestamp()
 RETURNING run.*
), tried AS (
    INSERT INTO tasks_attempt (run_id, number, outcome, worker, started_at, finished_at, error)
    SELECT id, attempt, 'lost', worker, claimed_at, clock_timestamp(), error FROM reaped
), noted AS (
    INSERT INTO tasks_outboxevent (type, aggregate_kind, aggregate_id, seq, agent, request_id, data)
    SELECT CASE WHEN state = 'dead' THEN 'run.failed' ELSE 'run.retried' END, 'run', id, event_seq, agent_id,
           request_id, jsonb_build_object('task', task_id, 'attempt', attempt, 'state', state, 'error', error)
      FROM reaped
)
SELECT state FROM reaped
"""

_PROMOTE: Final = """
WITH woken AS MATERIALIZED (
    SELECT id
      FROM tasks_run
     WHERE state = 'waiting'
       AND run_at <= clock_timestamp()
     ORDER BY run_at
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
), promoted AS (
    UPDATE tasks_run AS run
       SET state = 'queued', waiting_for = '', event_seq = run.event_seq + 1
      FROM woken
     WHERE run.id = woken.id
       AND run.state = 'waiting'
 RETURNING run.*
), noted AS (
    INSERT INTO tasks_outboxevent (type, aggregate_kind, aggregate_id, seq, agent, request_id, data)
    SELECT 'run.queued', 'run', id, event_seq, agent_id, request_id,
           jsonb_build_object('task', task_id, 'trigger', 'time_has_come')
      FROM promoted
)
SELECT id FROM promoted
"""

_CANCEL: Final = """
WITH left_state AS MATERIALIZED (
    SELECT id, state
      FROM tasks_run
     WHERE id = ANY(%(runs)s)
       AND state IN ('queued', 'waiting', 'running')
     ORDER BY id
       FOR UPDATE
), canceled AS (
    UPDATE tasks_run AS run
       SET state = 'canceled', waiting_for = '', lease_until = NULL, finished_at = clock_timestamp(),
           error = jsonb_build_object('error_class', 'canceled', 'code', 'canceled', 'message', %(reason)s::text),
           event_seq = run.event_seq + 1
      FROM left_state
     WHERE run.id = left_state.id
 RETURNING run.*, left_state.state AS state_before
), tried AS (
    INSERT INTO tasks_attempt (run_id, number, outcome, worker, started_at, finished_at, error)
    SELECT id, attempt, 'canceled', worker, claimed_at, clock_timestamp(), error
      FROM canceled
     WHERE state_before = 'running'
), noted AS (
    INSERT INTO tasks_outboxevent (type, aggregate_kind, aggregate_id, seq, agent, request_id, data)
    SELECT 'run.canceled', 'run', id, event_seq, agent_id, request_id,
           jsonb_build_object('task', task_id, 'state_before', state_before, 'reason', %(reason)s::text)
      FROM canceled
)
SELECT id FROM canceled
"""


def enqueue(runs: Sequence[NewRun]) -> list[UUID]:
    """Plan runs, due at once or at their instant; an instant that has its run already gets no second one."""
    rows = [
        {
            "id": str(new_id()),
            "task": str(run.task),
            "task_version": run.task_version,
            "agent": str(run.agent),
            "priority": run.priority,
            "trigger": run.trigger,
            "scheduled_for": run.scheduled_for.isoformat() if run.scheduled_for else None,
            "input": run.input,
            "request_id": run.request_id,
        }
        for run in runs
    ]
    return [row[0] for row in _rows(_ENQUEUE, {"runs": _json(rows)})]


def claim(*, worker: str, limit: int, lease: timedelta) -> list[ClaimedRun]:
    """Lease up to `limit` queued runs to `worker`, the most urgent first; those being claimed elsewhere are skipped."""
    rows = _rows(_CLAIM, {"worker": worker, "limit": limit, "lease": lease})
    faults.hit("after_claim")
    for row in rows:
        _start_delay.observe(row[-1])
    return [_claimed(*row) for row in rows]


def move(moves: Sequence[Move]) -> set[UUID]:
    """Make all the moves in one statement. Answers the runs moved: for any other the lease was lost."""
    runs, steps = [], []
    # In the order of their keys, like every statement over many runs: two that cross would wait for each other.
    for each in sorted(moves, key=lambda each: each.lease.run_id):
        run = str(each.lease.run_id)
        runs.append(
            {
                "run": run,
                "fence": each.lease.fence,
                "state": each.state,
                "waiting_for": each.waiting_for,
                "delay": each.delay,
                "failures": each.failures,
                "error": each.error,
                "outcome": each.outcome or "",
                "event": each.event,
                "steps": sum(step.state != StepState.WAITING for step in each.steps),
            }
        )
        nth = 0
        for step in each.steps:
            nth += step.state != StepState.WAITING
            steps.append(
                {
                    "run": run,
                    "nth": nth,
                    "step": step.step,
                    "position": step.position,
                    "state": step.state,
                    "tool": step.tool,
                    "input": step.input,
                    "output": step.output,
                    "error": step.error,
                    "duration_ms": step.duration_ms,
                    "idempotency_key": step.idempotency_key,
                }
            )
    faults.hit("before_move")
    moved = {row[0] for row in _rows(_MOVE, {"moves": _json(runs), "steps": _json(steps)})}
    for each in moves:
        if each.lease.run_id not in moved:
            _refused.inc()
        elif each.state in FINISHED:
            _finished.labels(each.state).inc()
    return moved


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


def park(lease: Lease, *, delay: float, steps: Sequence[Step] = ()) -> Move:
    """Sleep `delay` seconds without a worker."""
    return Move(lease, RunState.WAITING, AttemptOutcome.WAITING, "run.waiting", steps, None, WaitingFor.SLEEP, delay)


def release(lease: Lease, *, steps: Sequence[Step] = ()) -> Move:
    """Hand a run back unfinished, for another worker to go on with at once."""
    return Move(lease, RunState.QUEUED, AttemptOutcome.HANDED_BACK, "run.queued", steps)


def checkpoint(lease: Lease, *, steps: Sequence[Step]) -> Move:
    """Record steps of a run that goes on."""
    return Move(lease, RunState.RUNNING, None, "", steps)


def renew(leases: Sequence[Lease], *, lease: timedelta) -> Renewal:
    """Prolong leases that have not expired."""
    held = _json([{"run": str(each.run_id), "fence": each.fence} for each in leases])
    ours = dict(_rows(_RENEW, {"leases": held, "lease": lease}))
    renewed = {run for run, prolonged in ours.items() if prolonged}
    return Renewal(renewed, {each.run_id for each in leases} - ours.keys())


def reap(*, limit: int) -> list[RunState]:
    """Put back the runs whose worker stopped renewing; one that lost too many workers is dead. Answers their states."""
    states = [RunState(row[0]) for row in _rows(_REAP, {"limit": limit, "deadly": LOST_WORKERS_UNTIL_DEAD})]
    _finished.labels(RunState.DEAD).inc(states.count(RunState.DEAD))
    return states


def promote(*, limit: int) -> int:
    """Queue the waiting runs whose time has come."""
    return len(_rows(_PROMOTE, {"limit": limit}))


def cancel(runs: Sequence[UUID], *, reason: str) -> list[UUID]:
    """Cancel the runs among `runs` that have not finished, whoever holds them."""
    canceled = [row[0] for row in _rows(_CANCEL, {"runs": list(runs), "reason": reason})]
    _finished.labels(RunState.CANCELED).inc(len(canceled))
    return canceled


def _claimed(*columns: Any) -> ClaimedRun:
    *before, given, request_id, waited_seconds = columns
    values = (*before, orjson.loads(given) if given else None, request_id, waited_seconds)
    return ClaimedRun(*values)


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


def _rows(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Execute on Django's own connection, by a plain psycopg cursor.

    Django's would quote the parameters into the text of the statement, which for a batch takes longer than
    the statement itself.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql, parameters, binary=True)
        return cursor.fetchall()
