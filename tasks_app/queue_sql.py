"""The statements of the queue: each names in its WHERE the state it leaves, and writes its events itself.

Time is `clock_timestamp()`, never `now()`, which is the start of the transaction. Rows of many runs are locked
in one order, or skipped when somebody else has them.
"""

from collections.abc import Mapping
from typing import Any, Final

import psycopg
from django.db import connection

from tasks_app.states import LOSSES_AT_LAST_CHANCE

_DUE_IN_ORDER: Final = """
    SELECT id, losses
      FROM tasks_run
     WHERE state = 'queued'
     ORDER BY priority DESC, fair_at, id
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
"""

# The same order, but under each priority, from 9 down to 1, only from a place on: what lies before it was claimed, and while
# somebody holds a snapshot open the index still has to be walked past all of that.
_DUE_BEYOND: Final = """
    SELECT run.id, run.losses
      FROM unnest(%(floors)s::timestamptz[]) WITH ORDINALITY AS level (floor, nth)
     CROSS JOIN LATERAL (
         SELECT id, losses
           FROM tasks_run
          WHERE state = 'queued'
            AND priority = 10 - level.nth
            AND fair_at >= level.floor
          ORDER BY fair_at, id
          LIMIT %(limit)s
            FOR UPDATE SKIP LOCKED
     ) AS run
     LIMIT %(limit)s
"""

# A materialised CTE: joined as a sub-select, the LIMIT may be run again and lease more than was asked for. Where a run must be
# alone in its process, it is claimed alone: whatever else were claimed could only wait for it, or be handed back.
_CLAIM: Final = """
WITH due AS MATERIALIZED ({due}), claimed AS (
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
       AND run.id = coalesce((SELECT id FROM due WHERE losses >= {last_chance} LIMIT 1), run.id)
       AND run.state = 'queued'
 RETURNING run.id, run.fence, run.attempt, run.failures, run.losses, run.task_id, run.task_version, run.agent_id,
           run.trigger, run.scheduled_for, run.started_at, run.input, run.request_id, run.claimed_at, run.run_at, run.lane,
           run.concurrency_key, run.agent_limited, run.priority, run.fair_at, run.simulated, run.worker, run.event_seq
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, agent, request_id, shared, facts)
    SELECT 'run', id, event_seq, agent_id, request_id,
           jsonb_build_object('task', task_id, 'attempt', attempt, 'worker', worker)
             || CASE WHEN simulated THEN jsonb_build_object('mode', 'simulate') ELSE jsonb_build_object() END,
           '[["run.started", {{}}]]'
      FROM claimed
)
SELECT id, fence, attempt, failures, losses, task_id, task_version, agent_id, trigger, scheduled_for, started_at,
       input::text, request_id, extract(epoch FROM claimed_at - run_at)::float8, lane, concurrency_key,
       agent_limited, priority, fair_at, simulated
  FROM claimed
 ORDER BY priority DESC, fair_at, id
"""

CLAIM: Final = _CLAIM.format(due=_DUE_IN_ORDER, last_chance=LOSSES_AT_LAST_CHANCE)
CLAIM_BEYOND: Final = _CLAIM.format(due=_DUE_BEYOND, last_chance=LOSSES_AT_LAST_CHANCE)

# One JSON parameter: arrays with unnest turn quadratic in a fenced update.
MOVE: Final = """
WITH moved AS (
    UPDATE tasks_run AS run
       SET state = move.state,
           waiting_for = coalesce(move.waiting_for, ''),
           run_at = CASE WHEN move.state IN ('queued', 'waiting')
                         THEN clock_timestamp() + coalesce(move.delay, 0) * interval '1 second' ELSE run.run_at END,
           lease_until = CASE WHEN move.state = 'running' THEN run.lease_until END,
           finished_at = CASE WHEN move.state NOT IN ('queued', 'waiting', 'running') THEN clock_timestamp() END,
           failures = run.failures + coalesce(move.failures, 0),
           error = move.error,
           event_seq = run.event_seq + move.size
      FROM json_to_recordset(%(moves)s) AS move (
               run uuid, fence bigint, state text, waiting_for text, delay float8, failures int, error jsonb,
               outcome text, size int, facts json, steps json)
     WHERE run.id = move.run
       AND run.fence = move.fence
       AND run.state = 'running'
 RETURNING run.id, run.task_id, run.agent_id, run.request_id, run.attempt, run.worker, run.claimed_at, run.error, run.simulated,
           run.event_seq - move.size + 1 AS seq, move.outcome, move.size, move.facts, move.steps
), tried AS (
    INSERT INTO tasks_attempt (run_id, number, outcome, worker, started_at, finished_at, error)
    SELECT id, attempt, outcome, worker, claimed_at, clock_timestamp(), error
      FROM moved
     WHERE outcome IS NOT NULL
), recorded AS (
    INSERT INTO tasks_steplog (run_id, seq, attempt, recorded_at, steps)
    SELECT id, seq, attempt, clock_timestamp(), steps
      FROM moved
     WHERE steps IS NOT NULL
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, size, agent, request_id, shared, facts)
    SELECT 'run', id, seq, size, agent_id, request_id,
           jsonb_build_object('task', task_id, 'attempt', attempt)
             || CASE WHEN simulated THEN jsonb_build_object('mode', 'simulate') ELSE jsonb_build_object() END,
           facts
      FROM moved
     WHERE size > 0
)
SELECT id, simulated FROM moved
"""

REMEMBER: Final = """
INSERT INTO tasks_rememberedstep (agent, tool, key, output, kept_until)
SELECT agent, tool, key, output, clock_timestamp() + seconds * interval '1 second'
  FROM json_to_recordset(%(steps)s) AS step (agent uuid, tool text, key text, output json, seconds float8)
    ON CONFLICT (agent, tool, key) DO UPDATE SET output = excluded.output, kept_until = excluded.kept_until
RETURNING key
"""

# Which place each priority has come to: of its first queued run, if there is any.
FRONTS: Final = """
SELECT priority, clock_timestamp(),
       (SELECT run.fair_at
          FROM tasks_run AS run
         WHERE run.state = 'queued' AND run.priority = asked.priority
         ORDER BY run.fair_at, run.id
         LIMIT 1)
  FROM unnest(%(priorities)s::int[]) AS asked (priority)
"""

ENQUEUE: Final = """
WITH planned AS (
    INSERT INTO tasks_run (id, task_id, task_version, agent_id, priority, trigger, scheduled_for, run_at, fair_at,
                           input, request_id, state, waiting_for, claim_by, lane, takes_turn, concurrency_key, concurrency_limit,
                           agent_limited, dedupe_key, backfill, simulated, worker, fence, attempt, failures, losses, event_seq)
    SELECT planned.id, task, task_version, agent, priority, trigger, scheduled_for,
           coalesce(start, scheduled_for, clock_timestamp()), fair, input, request_id,
           CASE WHEN start > clock_timestamp() OR takes_turn OR concurrency_key <> '' OR max_running IS NOT NULL
                THEN 'waiting' ELSE 'queued' END,
           CASE WHEN start > clock_timestamp() THEN 'start'
                WHEN takes_turn OR concurrency_key <> '' THEN 'turn'
                WHEN max_running IS NOT NULL THEN 'agent_limit' ELSE '' END,
           greatest(start, clock_timestamp()) + queue_timeout * interval '1 second',
           lane, takes_turn, concurrency_key, concurrency_limit, max_running IS NOT NULL,
           dedupe_key, backfill, simulated, '', 0, 0, 0, 0, 1
      FROM json_to_recordset(%(runs)s) AS planned (
               id uuid, task uuid, task_version int, agent uuid, priority int, trigger text,
               scheduled_for timestamptz, start timestamptz, fair timestamptz, queue_timeout int, lane text, takes_turn boolean, concurrency_key text,
               concurrency_limit int, dedupe_key text, backfill uuid, simulated boolean, input jsonb, request_id text)
      JOIN tasks_agent AS owner ON owner.id = planned.agent
        ON CONFLICT (task_id, scheduled_for) WHERE scheduled_for IS NOT NULL DO NOTHING
 RETURNING id, task_id, agent_id, request_id, scheduled_for, trigger, agent_limited, simulated
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, agent, request_id, shared, facts)
    SELECT 'run', id, 1, agent_id, request_id,
           jsonb_build_object('task', task_id, 'trigger', trigger, 'scheduled_for', scheduled_for)
             || CASE WHEN simulated THEN jsonb_build_object('mode', 'simulate') ELSE jsonb_build_object() END,
           '[["run.queued", {}]]'
      FROM planned
)
SELECT id, CASE WHEN agent_limited THEN agent_id END FROM planned
"""

# It waits for nobody: a row that is being moved is left as it is. Heartbeat and dispatcher of one process write
# the same rows all the time, and two that wait for each other's rows would stand still until one is given up.
RENEW: Final = """
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

# `lost` says of each run whether it is blamed for the loss, and whether it is timed out rather than put back.
_PUT_BACK: Final = """, decided AS MATERIALIZED (
    SELECT id, blamed, error,
           CASE WHEN timed_out THEN 'timed_out'
                WHEN blamed AND losses + 1 >= %(deadly)s THEN 'dead'
                ELSE 'queued' END AS state
      FROM lost
), put_back AS (
    UPDATE tasks_run AS run
       SET state = decided.state,
           losses = run.losses + decided.blamed::int,
           lease_until = NULL,
           finished_at = CASE WHEN decided.state <> 'queued' THEN clock_timestamp() END,
           run_at = CASE WHEN decided.state = 'queued' THEN clock_timestamp() ELSE run.run_at END,
           error = decided.error,
           event_seq = run.event_seq + 1
      FROM decided
     WHERE run.id = decided.id
       AND run.state = 'running'
 RETURNING run.*
), tried AS (
    INSERT INTO tasks_attempt (run_id, number, outcome, worker, started_at, finished_at, error)
    SELECT id, attempt, 'lost', worker, claimed_at, clock_timestamp(), error
      FROM put_back
     WHERE state = 'queued'  -- the last attempt of a run that ends is in the run itself
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, agent, request_id, shared, facts)
    SELECT 'run', id, event_seq, agent_id, request_id,
           jsonb_build_object('task', task_id, 'attempt', attempt, 'state', state, 'error', error)
             || CASE WHEN simulated THEN jsonb_build_object('mode', 'simulate') ELSE jsonb_build_object() END,
           CASE state WHEN 'dead' THEN '[["run.failed", {}]]'::jsonb
                      WHEN 'timed_out' THEN '[["run.timed_out", {}]]'
                      ELSE '[["run.retried", {}]]' END
      FROM put_back
)
SELECT state, simulated, lane, agent_id, concurrency_key, agent_limited FROM put_back
"""

# A run that was lost before is begun only after that was recorded; of any other it is taken for granted.
_EXPIRED: Final = """
WITH lost AS MATERIALIZED (
    SELECT id, losses, losses = 0 OR begun_fence IS NOT DISTINCT FROM fence AS blamed, false AS timed_out,
           jsonb_build_object('error_class', 'lost_worker', 'code', 'worker_lost',
                              'message', 'The worker ' || worker || ' stopped renewing its lease.') AS error
      FROM tasks_run
     WHERE state = 'running'
       AND lease_until < clock_timestamp()
     ORDER BY lease_until
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
)"""
REAP: Final = _EXPIRED + _PUT_BACK

# The same without waiting for the leases: the worker is dead for certain, and what its threads were at is known.
_DEAD: Final = """
WITH blame AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(blame)s) AS blame (run uuid, fence bigint, timed_out bool, code text, message text)
), lost AS MATERIALIZED (
    SELECT run.id, run.losses, blame.run IS NOT NULL AS blamed, coalesce(blame.timed_out, false) AS timed_out,
           jsonb_build_object('error_class', CASE WHEN blame.timed_out THEN 'timeout' ELSE 'lost_worker' END,
                              'code', coalesce(blame.code, 'worker_lost'),
                              'message', coalesce(blame.message, %(message)s)) AS error
      FROM tasks_run AS run
      LEFT JOIN blame ON blame.run = run.id AND blame.fence = run.fence
     WHERE run.state = 'running'
       AND run.worker = %(worker)s
     ORDER BY run.lease_until
       FOR UPDATE OF run SKIP LOCKED
)"""
BURY: Final = _DEAD + _PUT_BACK

BEGIN_SUSPECTS: Final = """
WITH ours AS MATERIALIZED (
    SELECT run.id
      FROM tasks_run AS run
      JOIN json_to_recordset(%(leases)s) AS held (run uuid, fence bigint) ON held.run = run.id
     WHERE run.fence = held.fence
       AND run.state = 'running'
     ORDER BY run.id
       FOR UPDATE OF run
)
UPDATE tasks_run AS run
   SET begun_fence = run.fence
  FROM ours
 WHERE run.id = ours.id
RETURNING run.id
"""

STILL_OURS: Final = """
SELECT run.id
  FROM json_to_recordset(%(leases)s) AS held (run uuid, fence bigint)
  JOIN tasks_run AS run ON run.id = held.run
 WHERE run.fence = held.fence
   AND run.state = 'running'
"""

# The clock in a select of its own: a volatile function bounds no walk along an index, which would then read whatever waits.
WAKES: Final = """
SELECT id, priority, agent_id
  FROM tasks_run
 WHERE state = 'waiting'
   AND waiting_for IN ('breaker', 'budget', 'rate_limit', 'retry', 'sleep', 'start')
   AND run_at <= (SELECT clock_timestamp())
 ORDER BY run_at
 LIMIT %(limit)s
"""

# One that has a key, or an agent with a limit, gave up its place while it waited; one that takes turns has not had its own.
PROMOTE: Final = """
WITH woken AS MATERIALIZED (
    SELECT run.id, wakes.fair
      FROM tasks_run AS run
      JOIN json_to_recordset(%(wakes)s) AS wakes (run uuid, fair timestamptz) ON wakes.run = run.id
     WHERE run.state = 'waiting'
       AND run.waiting_for IN ('breaker', 'budget', 'rate_limit', 'retry', 'sleep', 'start')
       AND run.run_at <= clock_timestamp()
       FOR UPDATE OF run SKIP LOCKED
), promoted AS (
    UPDATE tasks_run AS run
       SET state = CASE WHEN run.takes_turn OR run.concurrency_key <> '' OR run.agent_limited THEN 'waiting'
                        ELSE 'queued' END,
           waiting_for = CASE WHEN run.takes_turn OR run.concurrency_key <> '' THEN 'turn'
                              WHEN run.agent_limited THEN 'agent_limit' ELSE '' END,
           fair_at = woken.fair,
           event_seq = run.event_seq + 1
      FROM woken
     WHERE run.id = woken.id
       AND run.state = 'waiting'
 RETURNING run.*
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, agent, request_id, shared, facts)
    SELECT 'run', id, event_seq, agent_id, request_id,
           CASE WHEN state = 'queued' THEN jsonb_build_object('task', task_id, 'trigger', 'time_has_come')
                ELSE jsonb_build_object('task', task_id, 'attempt', attempt, 'state', state, 'waiting_for', waiting_for)
           END,
           CASE WHEN state = 'queued' THEN '[["run.queued", {}]]'::jsonb ELSE '[["run.waiting", {}]]' END
      FROM promoted
)
SELECT state, lane, agent_id, concurrency_key, agent_limited FROM promoted
"""

CANCEL: Final = """
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
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, agent, request_id, shared, facts)
    SELECT 'run', id, event_seq, agent_id, request_id,
           jsonb_build_object('task', task_id, 'state_before', state_before, 'reason', %(reason)s::text)
             || CASE WHEN simulated THEN jsonb_build_object('mode', 'simulate') ELSE jsonb_build_object() END,
           '[["run.canceled", {}]]'
      FROM canceled
)
SELECT id, simulated, lane, agent_id, concurrency_key, agent_limited FROM canceled
"""

# The unfinished runs whose end one of these waits for.
AWAITED: Final = """
SELECT id
  FROM tasks_run
 WHERE awaited_by = ANY(%(runs)s)
   AND state IN ('queued', 'waiting', 'running')
"""


def execute(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Execute on Django's own connection, by a plain psycopg cursor.

    Django's would quote the parameters into the text of the statement, which for a batch takes longer than
    the statement itself.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql, parameters, binary=True)
        return cursor.fetchall()
