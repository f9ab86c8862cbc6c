"""The statements by which somebody else than a worker moves a run. Each names in its WHERE the states it leaves."""

from typing import Final

# One under a key gave up its place while it waited, as with a sleep that is over.
RELEASE: Final = """
WITH answered AS MATERIALIZED (
    SELECT run.id, answer.step, answer.facts, answer.trigger, answer.fair
      FROM json_to_recordset(%(answers)s) AS answer (
               run uuid, waiting_for text, step jsonb, facts jsonb, trigger text, fair timestamptz)
      JOIN tasks_run AS run ON run.id = answer.run
     WHERE run.state = 'waiting'
       AND run.waiting_for = answer.waiting_for
     ORDER BY run.id
       FOR UPDATE OF run
), released AS (
    UPDATE tasks_run AS run
       SET state = CASE WHEN run.concurrency_key <> '' OR run.agent_limited THEN 'waiting' ELSE 'queued' END,
           waiting_for = CASE WHEN run.concurrency_key <> '' THEN 'turn'
                              WHEN run.agent_limited THEN 'agent_limit' ELSE '' END,
           run_at = clock_timestamp(),
           fair_at = answered.fair,
           error = NULL,
           event_seq = run.event_seq + jsonb_array_length(answered.facts) + 1
      FROM answered
     WHERE run.id = answered.id
       AND run.state = 'waiting'
 RETURNING run.*, answered.step, answered.facts, answered.trigger AS answered_by,
           run.event_seq - jsonb_array_length(answered.facts) AS seq
), recorded AS (
    INSERT INTO tasks_steplog (run_id, seq, attempt, recorded_at, steps)
    SELECT id, seq, attempt, clock_timestamp(), jsonb_build_array(step)
      FROM released
     WHERE step IS NOT NULL
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, size, agent, request_id, shared, facts)
    SELECT 'run', id, seq, jsonb_array_length(facts) + 1, agent_id, request_id,
           jsonb_build_object('task', task_id, 'attempt', attempt)
             || CASE WHEN simulated THEN jsonb_build_object('mode', 'simulate') ELSE jsonb_build_object() END,
           facts || CASE WHEN state = 'queued'
                         THEN jsonb_build_array(jsonb_build_array('run.queued', jsonb_build_object('trigger', answered_by)))
                         ELSE jsonb_build_array(jsonb_build_array(
                             'run.waiting', jsonb_build_object('state', state, 'waiting_for', waiting_for))) END
      FROM released
)
SELECT id, '', agent_id, concurrency_key, agent_limited FROM released
"""

# The last attempt, which was the run's own, becomes a row: the next claim writes over it. One that had ended when its agent
# got a limit was not counted in then.
REDRIVE: Final = """
WITH ended AS MATERIALIZED (
    SELECT run.*, asked.fair, run.agent_limited OR owner.max_running IS NOT NULL AS limited
      FROM json_to_recordset(%(runs)s) AS asked (run uuid, fair timestamptz)
      JOIN tasks_run AS run ON run.id = asked.run
      JOIN tasks_agent AS owner ON owner.id = run.agent_id
     WHERE run.state IN ('failed', 'timed_out', 'dead')
     ORDER BY run.id
       FOR UPDATE OF run
), tried AS (
    INSERT INTO tasks_attempt (run_id, number, outcome, worker, started_at, finished_at, error)
    SELECT id, attempt, CASE state WHEN 'dead' THEN 'lost' ELSE state END, worker, claimed_at, finished_at, error
      FROM ended
     WHERE attempt > 0
), redriven AS (
    UPDATE tasks_run AS run
       SET state = CASE WHEN run.lane <> '' OR run.concurrency_key <> '' OR ended.limited THEN 'waiting' ELSE 'queued' END,
           waiting_for = CASE WHEN run.lane <> '' OR run.concurrency_key <> '' THEN 'turn'
                              WHEN ended.limited THEN 'agent_limit' ELSE '' END,
           agent_limited = ended.limited,
           takes_turn = run.lane <> '',
           run_at = clock_timestamp(),
           fair_at = ended.fair,
           finished_at = NULL,
           error = NULL,
           claim_by = NULL,
           failures = 0,
           losses = 0,
           event_seq = run.event_seq + 1
      FROM ended
     WHERE run.id = ended.id
       AND run.state IN ('failed', 'timed_out', 'dead')
 RETURNING run.*, ended.state AS state_before
), forgotten AS (
    DELETE FROM tasks_eventwait
     USING redriven
     WHERE tasks_eventwait.run_id = redriven.id
       AND %(from_start)s
), restarted AS (
    INSERT INTO tasks_steplog (run_id, seq, attempt, recorded_at, steps, restarts)
    SELECT id, event_seq, attempt, clock_timestamp(), '[]', true
      FROM redriven
     WHERE %(from_start)s
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, agent, request_id, shared, facts)
    SELECT 'run', id, event_seq, agent_id, request_id,
           jsonb_build_object('task', task_id, 'attempt', attempt, 'state', state, 'state_before', state_before,
                              'trigger', %(trigger)s::text, 'reason', %(reason)s::text,
                              'from', CASE WHEN %(from_start)s THEN 'start' ELSE 'failed_step' END),
           CASE WHEN state = 'queued' THEN '[["run.queued", {}]]'::jsonb
                ELSE jsonb_build_array(jsonb_build_array(
                         'run.waiting', jsonb_build_object('waiting_for', waiting_for))) END
      FROM redriven
)
SELECT id, lane, agent_id, concurrency_key, agent_limited FROM redriven
"""

GIVE_UP_UNCLAIMED: Final = """
WITH overdue AS MATERIALIZED (
    SELECT id
      FROM tasks_run
     WHERE claim_by < (SELECT clock_timestamp())  -- asked once, so that the index need not be walked to its end
       AND attempt = 0
       AND state IN ('queued', 'waiting')
       AND waiting_for IN ('', 'agent_limit', 'turn')
     ORDER BY claim_by
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
), given_up AS (
    UPDATE tasks_run AS run
       SET state = 'timed_out',
           waiting_for = '',
           takes_turn = false,
           finished_at = clock_timestamp(),
           error = jsonb_build_object('error_class', 'timeout', 'code', 'queue_timeout', 'message',
                                      'No worker began with it within the task''s queue_timeout_seconds.'),
           event_seq = run.event_seq + 1
      FROM overdue
     WHERE run.id = overdue.id
       AND run.attempt = 0
       AND run.state IN ('queued', 'waiting')
 RETURNING run.*
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, agent, request_id, shared, facts)
    SELECT 'run', id, event_seq, agent_id, request_id,
           jsonb_build_object('task', task_id, 'attempt', attempt, 'state', state, 'error', error)
             || CASE WHEN simulated THEN jsonb_build_object('mode', 'simulate') ELSE jsonb_build_object() END,
           '[["run.timed_out", {}]]'
      FROM given_up
)
SELECT simulated, lane, agent_id, concurrency_key, agent_limited FROM given_up
"""

# Out of any lane there is no turn to wait for.
CHANGE_LANE: Final = """
WITH moving AS MATERIALIZED (
    SELECT id, %(new)s = '' AND waiting_for = 'turn' AND concurrency_key = '' AS freed
      FROM tasks_run
     WHERE task_id = %(task)s
       AND lane = %(old)s
       AND backfill IS NULL
       AND state IN ('queued', 'waiting', 'running')
     ORDER BY id
       FOR UPDATE
), moved AS (
    UPDATE tasks_run AS run
       SET lane = %(new)s,
           takes_turn = run.takes_turn AND %(new)s <> '',
           state = CASE WHEN freed AND NOT agent_limited THEN 'queued' ELSE run.state END,
           waiting_for = CASE WHEN NOT freed THEN run.waiting_for WHEN agent_limited THEN 'agent_limit' ELSE '' END,
           run_at = CASE WHEN freed AND NOT agent_limited THEN clock_timestamp() ELSE run.run_at END,
           event_seq = run.event_seq + (freed AND NOT agent_limited)::int
      FROM moving
     WHERE run.id = moving.id
 RETURNING run.*, freed
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, agent, request_id, shared, facts)
    SELECT 'run', id, event_seq, agent_id, request_id,
           jsonb_build_object('task', task_id, 'trigger', 'turn_has_come'), '[["run.queued", {}]]'
      FROM moved
     WHERE freed AND state = 'queued'
)
SELECT state, lane, agent_id, concurrency_key, agent_limited FROM moved
"""

# Whose end a run waits for, and who does no more. No state is left by it.
AWAIT: Final = "UPDATE tasks_run SET awaited_by = %(by)s WHERE id = ANY(%(runs)s) RETURNING id"
AWAIT_NO_MORE: Final = "UPDATE tasks_run SET awaited_by = NULL WHERE awaited_by = ANY(%(parents)s) RETURNING id"
