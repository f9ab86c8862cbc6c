"""The statements by which somebody else than a worker lets a run go on. Each names in its WHERE the states it leaves."""

from typing import Final

# One under a key gave up its place while it waited, as with a sleep that is over.
RELEASE: Final = """
WITH answered AS MATERIALIZED (
    SELECT run.id, answer.step, answer.facts, answer.trigger
      FROM json_to_recordset(%(answers)s) AS answer (run uuid, waiting_for text, step jsonb, facts jsonb, trigger text)
      JOIN tasks_run AS run ON run.id = answer.run
     WHERE run.state = 'waiting'
       AND run.waiting_for = answer.waiting_for
     ORDER BY run.id
       FOR UPDATE OF run
), released AS (
    UPDATE tasks_run AS run
       SET state = CASE WHEN run.concurrency_key <> '' THEN 'waiting' ELSE 'queued' END,
           waiting_for = CASE WHEN run.concurrency_key <> '' THEN 'turn' ELSE '' END,
           run_at = clock_timestamp(),
           fair_at = greatest(run.fair_at, clock_timestamp()),
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
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, size, agent, request_id, shared, facts)
    SELECT 'run', id, seq, jsonb_array_length(facts) + 1, agent_id, request_id,
           jsonb_build_object('task', task_id, 'attempt', attempt),
           facts || CASE WHEN state = 'queued'
                         THEN jsonb_build_array(jsonb_build_array('run.queued', jsonb_build_object('trigger', answered_by)))
                         ELSE '[["run.waiting", {"state": "waiting", "waiting_for": "turn"}]]'::jsonb END
      FROM released
)
SELECT id, agent_id, concurrency_key FROM released
"""
