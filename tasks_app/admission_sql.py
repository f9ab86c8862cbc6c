"""The statements that let waiting runs go on. Each is executed under the locks of the lanes or keys that it is about.

The going-on and the waiting ones are found by partial indexes of their own, whose conditions the statements repeat.
"""

from typing import Final

# A statement of its own, before the one that looks: under READ COMMITTED that one then sees whatever was committed
# before the locks were got. In one order for all, since nobody may wait in a circle.
LOCK: Final = """
WITH ordered AS MATERIALIZED (
    SELECT DISTINCT hashtextextended(name, 0) AS number FROM unnest(%(names)s::text[]) AS name ORDER BY number
)
SELECT pg_advisory_xact_lock(number)::text FROM ordered
"""

# A run that has a key has had its turn then, but waits on for a place.
TAKE_TURNS: Final = """
WITH next AS MATERIALIZED (
    SELECT oldest.id
      FROM unnest(%(lanes)s::text[]) AS asked (lane)
     CROSS JOIN LATERAL (
         SELECT run.id
           FROM tasks_run AS run
          WHERE run.lane = asked.lane AND run.lane <> ''
            AND run.state = 'waiting' AND run.waiting_for = 'turn' AND run.takes_turn
          ORDER BY run.scheduled_for, run.id
          LIMIT 1
     ) AS oldest
     WHERE NOT EXISTS (
         SELECT FROM tasks_run AS other
          WHERE other.lane = asked.lane AND other.lane <> ''
            AND other.state IN ('queued', 'running', 'waiting') AND NOT other.takes_turn
     )
), free AS MATERIALIZED (
    SELECT run.id
      FROM tasks_run AS run
      JOIN next ON next.id = run.id
     WHERE run.state = 'waiting' AND run.waiting_for = 'turn' AND run.takes_turn
       FOR UPDATE OF run SKIP LOCKED
), admitted AS (
    UPDATE tasks_run AS run
       SET takes_turn = false,
           state = CASE WHEN run.concurrency_key = '' THEN 'queued' ELSE 'waiting' END,
           waiting_for = CASE WHEN run.concurrency_key = '' THEN '' ELSE 'turn' END,
           run_at = CASE WHEN run.concurrency_key = '' THEN clock_timestamp() ELSE run.run_at END,
           fair_at = greatest(run.fair_at, clock_timestamp()),
           event_seq = run.event_seq + (run.concurrency_key = '')::int
      FROM free
     WHERE run.id = free.id
 RETURNING run.*
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, agent, request_id, shared, facts)
    SELECT 'run', id, event_seq, agent_id, request_id,
           jsonb_build_object('task', task_id, 'trigger', 'turn_has_come'), '[["run.queued", {}]]'
      FROM admitted
     WHERE state = 'queued'
)
SELECT state, agent_id, concurrency_key FROM admitted
"""

# Nobody overtakes: where the first in line wants fewer neighbours than there are, those behind it wait, too.
TAKE_PLACES: Final = """
WITH next AS MATERIALIZED (
    SELECT line.id
      FROM unnest(%(agents)s::uuid[], %(keys)s::text[]) AS asked (agent, key)
     CROSS JOIN LATERAL (
         SELECT count(*) AS places
           FROM tasks_run AS run
          WHERE run.agent_id = asked.agent AND run.concurrency_key = asked.key AND run.concurrency_key <> ''
            AND run.state IN ('queued', 'running')
     ) AS taken
     CROSS JOIN LATERAL (
         SELECT run.concurrency_limit AS places
           FROM tasks_run AS run
          WHERE run.agent_id = asked.agent AND run.concurrency_key = asked.key AND run.concurrency_key <> ''
            AND run.state = 'waiting' AND run.waiting_for = 'turn' AND NOT run.takes_turn
          ORDER BY run.priority DESC, run.run_at, run.id
          LIMIT 1
     ) AS allowed
     CROSS JOIN LATERAL (
         SELECT id, row_number() OVER behind AS place, min(concurrency_limit) OVER behind AS allowed
           FROM (
               SELECT run.id, run.priority, run.run_at, run.concurrency_limit
                 FROM tasks_run AS run
                WHERE run.agent_id = asked.agent AND run.concurrency_key = asked.key AND run.concurrency_key <> ''
                  AND run.state = 'waiting' AND run.waiting_for = 'turn' AND NOT run.takes_turn
                ORDER BY run.priority DESC, run.run_at, run.id
                LIMIT greatest(allowed.places - taken.places, 0)
           ) AS first
         WINDOW behind AS (ORDER BY priority DESC, run_at, id)
     ) AS line
     WHERE taken.places + line.place <= line.allowed
), free AS MATERIALIZED (
    SELECT run.id
      FROM tasks_run AS run
      JOIN next ON next.id = run.id
     WHERE run.state = 'waiting' AND run.waiting_for = 'turn' AND NOT run.takes_turn
       FOR UPDATE OF run SKIP LOCKED
), admitted AS (
    UPDATE tasks_run AS run
       SET state = 'queued',
           waiting_for = '',
           run_at = clock_timestamp(),
           fair_at = greatest(run.fair_at, clock_timestamp()),
           event_seq = run.event_seq + 1
      FROM free
     WHERE run.id = free.id
 RETURNING run.*
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, agent, request_id, shared, facts)
    SELECT 'run', id, event_seq, agent_id, request_id,
           jsonb_build_object('task', task_id, 'trigger', 'place_is_free'), '[["run.queued", {}]]'
      FROM admitted
)
SELECT id FROM admitted
"""

# From one lane, and one key, to the next by the index: there may be many runs in each.
OVERLOOKED: Final = """
WITH RECURSIVE lanes AS (
    SELECT min(lane) AS lane
      FROM tasks_run
     WHERE lane <> '' AND state = 'waiting' AND waiting_for = 'turn' AND takes_turn
 UNION ALL
    SELECT (SELECT min(run.lane)
              FROM tasks_run AS run
             WHERE run.lane > lanes.lane AND run.lane <> ''
               AND run.state = 'waiting' AND run.waiting_for = 'turn' AND run.takes_turn)
      FROM lanes
     WHERE lanes.lane IS NOT NULL
), keys AS (
    SELECT '00000000-0000-0000-0000-000000000000'::uuid AS agent, ''::text AS key, 0 AS allowed
 UNION ALL
    SELECT following.*
      FROM keys
     CROSS JOIN LATERAL (
         SELECT run.agent_id, run.concurrency_key::text, run.concurrency_limit
           FROM tasks_run AS run
          WHERE (run.agent_id, run.concurrency_key) > (keys.agent, keys.key)
            AND run.concurrency_key <> ''
            AND run.state = 'waiting' AND run.waiting_for = 'turn' AND NOT run.takes_turn
          ORDER BY run.agent_id, run.concurrency_key, run.priority DESC, run.run_at, run.id
          LIMIT 1
     ) AS following
)
(SELECT lane, NULL::uuid, ''
   FROM lanes
  WHERE lane IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM tasks_run AS other
         WHERE other.lane = lanes.lane AND other.lane <> ''
           AND other.state IN ('queued', 'running', 'waiting') AND NOT other.takes_turn
    )
  LIMIT %(limit)s)
UNION ALL
(SELECT '', agent, key
   FROM keys
  WHERE allowed > (
        SELECT count(*)
          FROM tasks_run AS run
         WHERE run.agent_id = keys.agent AND run.concurrency_key = keys.key AND run.concurrency_key <> ''
           AND run.state IN ('queued', 'running')
    )
  LIMIT %(limit)s)
"""
