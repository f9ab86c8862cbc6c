"""The statements by which waiting raises a run's priority: of the queued ones, and of those that wait for a place.

How long a run has waited under its present level is told by when it was due and when it was raised last. Those that wait for
an earlier run of their lane to end are in the order of their instants, whatever their priority.
"""

from typing import Final

# Along the claim's index, and no further than `heads` of a level: however many wait behind them, a look costs the same.
WAITED: Final = """
SELECT level, run.id
  FROM generate_series(1, 8) AS level
 CROSS JOIN LATERAL (
     SELECT head.id, head.fair_at
       FROM (
           SELECT run.id, run.fair_at, run.run_at, run.raised_at
             FROM tasks_run AS run
            WHERE run.state = 'queued' AND run.priority = level
            ORDER BY run.fair_at, run.id
            LIMIT %(heads)s
       ) AS head
      WHERE greatest(head.run_at, head.raised_at) <= clock_timestamp() - %(wait)s
      ORDER BY head.fair_at, head.id
      LIMIT %(most)s
 ) AS run
 ORDER BY level, run.fair_at, run.id
"""

# A level up it gets in line anew: the place that it had would let it go before everyone there.
RAISE: Final = """
WITH free AS MATERIALIZED (
    SELECT run.id, raised.fair
      FROM tasks_run AS run
      JOIN json_to_recordset(%(raised)s) AS raised (run uuid, level int, fair timestamptz) ON raised.run = run.id
     WHERE run.state = 'queued' AND run.priority = raised.level
       FOR UPDATE OF run SKIP LOCKED
)
UPDATE tasks_run AS run
   SET priority = run.priority + 1, fair_at = free.fair, raised_at = clock_timestamp()
  FROM free
 WHERE run.id = free.id
RETURNING run.id
"""

# The clock in a select of its own: a volatile function bounds no walk along an index, which would then read the whole line.
RAISE_IN_LINE: Final = """
WITH waited AS MATERIALIZED (
    SELECT run.id
      FROM tasks_run AS run
     WHERE run.state = 'waiting' AND run.waiting_for IN ('agent_limit', 'turn') AND NOT run.takes_turn
       AND run.priority < 9
       AND greatest(run.run_at, run.raised_at) <= (SELECT clock_timestamp()) - %(wait)s
     ORDER BY greatest(run.run_at, run.raised_at)
     LIMIT %(most)s
       FOR UPDATE SKIP LOCKED
)
UPDATE tasks_run AS run
   SET priority = run.priority + 1, raised_at = clock_timestamp()
  FROM waited
 WHERE run.id = waited.id
RETURNING run.id
"""
