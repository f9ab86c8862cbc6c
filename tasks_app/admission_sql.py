"""The statements that let waiting runs go on. Each is executed under the locks of the lanes, keys or agents that it is about.

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

# Behind what is being served, and behind each other: those that waited for room come back to the queue one after another.
# Where that is not too early, they keep the places which they got when they were planned.
_FAIR_PLACES: Final = """fair AS MATERIALIZED (
    SELECT free.id,
           coalesce((SELECT served.fair_at
                       FROM tasks_run AS served
                      WHERE served.state = 'queued' AND served.priority = free.priority
                      ORDER BY served.fair_at, served.id
                      LIMIT 1), clock_timestamp())
           + interval '1 ms' * row_number() OVER (PARTITION BY free.priority, free.agent_id
                                                  ORDER BY free.fair_at, free.id) AS place
      FROM free
)"""

# A run that has a key, or whose agent has a limit, has had its turn then, but waits on for a place.
TAKE_TURNS: Final = f"""
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
    SELECT run.id, run.priority, run.agent_id, run.fair_at
      FROM tasks_run AS run
      JOIN next ON next.id = run.id
     WHERE run.state = 'waiting' AND run.waiting_for = 'turn' AND run.takes_turn
       FOR UPDATE OF run SKIP LOCKED
), {_FAIR_PLACES}, admitted AS (
    UPDATE tasks_run AS run
       SET takes_turn = false,
           state = CASE WHEN run.concurrency_key <> '' OR run.agent_limited THEN 'waiting' ELSE 'queued' END,
           waiting_for = CASE WHEN run.concurrency_key <> '' THEN 'turn'
                              WHEN run.agent_limited THEN 'agent_limit' ELSE '' END,
           run_at = CASE WHEN run.concurrency_key <> '' OR run.agent_limited THEN run.run_at
                         ELSE clock_timestamp() END,
           fair_at = greatest(run.fair_at, fair.place),
           event_seq = run.event_seq + (run.concurrency_key = '' AND NOT run.agent_limited)::int
      FROM fair
     WHERE run.id = fair.id
 RETURNING run.*
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, agent, request_id, shared, facts)
    SELECT 'run', id, event_seq, agent_id, request_id,
           jsonb_build_object('task', task_id, 'trigger', 'turn_has_come'), '[["run.queued", {{}}]]'
      FROM admitted
     WHERE state = 'queued'
)
SELECT state, agent_id, concurrency_key FROM admitted
"""  # noqa: S608  a text of ours

# Nobody overtakes: where the first in line wants fewer neighbours than there are, those behind it wait, too.
TAKE_PLACES: Final = f"""
WITH next AS MATERIALIZED (
    SELECT line.id
      FROM unnest(%(agents)s::uuid[], %(keys)s::text[]) AS asked (agent, key)
     CROSS JOIN LATERAL (
         SELECT count(*) AS places
           FROM tasks_run AS run
          WHERE run.agent_id = asked.agent AND run.concurrency_key = asked.key AND run.concurrency_key <> ''
            AND run.state IN ('queued', 'running', 'waiting') AND run.waiting_for IN ('', 'agent_limit')
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
    SELECT run.id, run.priority, run.agent_id, run.fair_at
      FROM tasks_run AS run
      JOIN next ON next.id = run.id
     WHERE run.state = 'waiting' AND run.waiting_for = 'turn' AND NOT run.takes_turn
       FOR UPDATE OF run SKIP LOCKED
), {_FAIR_PLACES}, admitted AS (
    UPDATE tasks_run AS run
       SET state = CASE WHEN run.agent_limited THEN 'waiting' ELSE 'queued' END,
           waiting_for = CASE WHEN run.agent_limited THEN 'agent_limit' ELSE '' END,
           run_at = CASE WHEN run.agent_limited THEN run.run_at ELSE clock_timestamp() END,
           fair_at = greatest(run.fair_at, fair.place),
           event_seq = run.event_seq + (NOT run.agent_limited)::int
      FROM fair
     WHERE run.id = fair.id
 RETURNING run.*
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, agent, request_id, shared, facts)
    SELECT 'run', id, event_seq, agent_id, request_id,
           jsonb_build_object('task', task_id, 'trigger', 'place_is_free'), '[["run.queued", {{}}]]'
      FROM admitted
     WHERE state = 'queued'
)
SELECT state, agent_id FROM admitted
"""  # noqa: S608  a text of ours

# An agent without a limit may have had one when its runs were planned: then they all go on. As long as not all are counted
# in that go on already, nobody knows how much room there is.
TAKE_LIMITED_PLACES: Final = f"""
WITH next AS MATERIALIZED (
    SELECT line.id
      FROM unnest(%(agents)s::uuid[]) AS asked (agent)
      JOIN tasks_agent AS agent ON agent.id = asked.agent
       AND NOT EXISTS (SELECT FROM tasks_census AS census WHERE census.agent_id = agent.id)
     CROSS JOIN LATERAL (
         SELECT count(*) AS places
           FROM tasks_run AS run
          WHERE run.agent_id = asked.agent AND run.agent_limited AND run.state IN ('queued', 'running')
     ) AS taken
     CROSS JOIN LATERAL (
         SELECT run.id
           FROM tasks_run AS run
          WHERE run.agent_id = asked.agent AND run.state = 'waiting' AND run.waiting_for = 'agent_limit'
          ORDER BY run.priority DESC, run.run_at, run.id
          LIMIT least(greatest(coalesce(agent.max_running - taken.places, %(most)s), 0), %(most)s)
     ) AS line
), free AS MATERIALIZED (
    SELECT run.id, run.priority, run.agent_id, run.fair_at
      FROM tasks_run AS run
      JOIN next ON next.id = run.id
     WHERE run.state = 'waiting' AND run.waiting_for = 'agent_limit'
       FOR UPDATE OF run SKIP LOCKED
), {_FAIR_PLACES}, admitted AS (
    UPDATE tasks_run AS run
       SET state = 'queued',
           waiting_for = '',
           run_at = clock_timestamp(),
           fair_at = greatest(run.fair_at, fair.place),
           event_seq = run.event_seq + 1
      FROM fair
     WHERE run.id = fair.id
 RETURNING run.*
), noted AS (
    INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, agent, request_id, shared, facts)
    SELECT 'run', id, event_seq, agent_id, request_id,
           jsonb_build_object('task', task_id, 'trigger', 'place_is_free'), '[["run.queued", {{}}]]'
      FROM admitted
)
SELECT state, agent_id FROM admitted
"""  # noqa: S608  a text of ours

# From one lane, one key and one agent to the next by the index: there may be many runs in each.
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
), agents AS (
    SELECT '00000000-0000-0000-0000-000000000000'::uuid AS agent
 UNION ALL
    SELECT following.*
      FROM agents
     CROSS JOIN LATERAL (
         SELECT run.agent_id
           FROM tasks_run AS run
          WHERE run.agent_id > agents.agent AND run.state = 'waiting' AND run.waiting_for = 'agent_limit'
          ORDER BY run.agent_id
          LIMIT 1
     ) AS following
)
(SELECT lane, NULL::uuid, '', false
   FROM lanes
  WHERE lane IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM tasks_run AS other
         WHERE other.lane = lanes.lane AND other.lane <> ''
           AND other.state IN ('queued', 'running', 'waiting') AND NOT other.takes_turn
    )
  LIMIT %(limit)s)
UNION ALL
(SELECT '', agent, key, false
   FROM keys
  WHERE allowed > (
        SELECT count(*)
          FROM tasks_run AS run
         WHERE run.agent_id = keys.agent AND run.concurrency_key = keys.key AND run.concurrency_key <> ''
           AND run.state IN ('queued', 'running', 'waiting') AND run.waiting_for IN ('', 'agent_limit')
    )
  LIMIT %(limit)s)
UNION ALL
(SELECT '', agents.agent, '', true
   FROM agents
   JOIN tasks_agent AS agent ON agent.id = agents.agent
  WHERE NOT EXISTS (SELECT FROM tasks_census AS census WHERE census.agent_id = agent.id)
    AND (agent.max_running IS NULL OR agent.max_running > (
        SELECT count(*)
          FROM tasks_run AS run
         WHERE run.agent_id = agents.agent AND run.agent_limited AND run.state IN ('queued', 'running')
    ))
  LIMIT %(limit)s)
"""

# Of one task along its index, which holds the finished ones, too: what a statement looks at is bounded by `most`. An equation
# would let the planner walk along the key of the whole table instead, past the runs of all other tasks.
COUNT_IN: Final = """
WITH looked_at AS MATERIALIZED (
    SELECT id, state IN ('queued', 'running', 'waiting') AND NOT agent_limited AS uncounted
      FROM tasks_run
     WHERE task_id BETWEEN %(task)s AND %(task)s
       AND id < %(before)s
     ORDER BY task_id, id DESC
     LIMIT %(most)s
), uncounted AS MATERIALIZED (
    SELECT run.id
      FROM tasks_run AS run
      JOIN looked_at ON looked_at.id = run.id
     WHERE looked_at.uncounted
       AND run.state IN ('queued', 'running', 'waiting')
       AND NOT run.agent_limited
     ORDER BY run.id
       FOR UPDATE OF run
), counted AS (
    UPDATE tasks_run AS run SET agent_limited = true FROM uncounted WHERE run.id = uncounted.id RETURNING run.id
)
SELECT (SELECT count(*) FROM looked_at), (SELECT id FROM looked_at ORDER BY id LIMIT 1), (SELECT count(*) FROM counted)
"""

# A statement locks the table before it takes its snapshot: once these have ended, every other knows what was committed before.
WRITERS: Final = """
SELECT virtualtransaction
  FROM pg_locks
 WHERE locktype = 'relation'
   AND relation = 'tasks_run'::regclass
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND mode = 'RowExclusiveLock'
   AND pid <> pg_backend_pid()
"""
