"""The statements about destinations: each move of a breaker and each slot of a rate is one guarded write.

Time is the database's. Rows are locked in one order: destinations by name, then rates by name; or skipped when
somebody else has them.
"""

from typing import Final

# In the order of names, as every statement over many destinations: two that cross would wait for each other.
# Successes are told up to a second late: those from before a streak began do not end it.
# A tally that has been used for later seconds by somebody quicker takes nothing more for earlier ones.
RECORD: Final = """
WITH told AS (
    SELECT name, calls, failures, in_succession,
           clock_timestamp() - answered_ago * interval '1 second' AS answered_at,
           CASE WHEN in_succession > 0 THEN clock_timestamp() END AS failing_since
      FROM json_to_recordset(%(counts)s) AS told (
               name text, calls int, failures int, in_succession int, answered_ago float8)
), known AS (
    INSERT INTO tasks_destination AS known (id, name, called_at, answered_at, streak, failing_since)
    SELECT gen_random_uuid(), name, clock_timestamp(), answered_at, in_succession, failing_since FROM told ORDER BY name
        ON CONFLICT (name) DO UPDATE
       SET called_at = clock_timestamp(),
           answered_at = greatest(known.answered_at, excluded.answered_at),
           streak = excluded.streak
                  + CASE WHEN known.called_at > clock_timestamp() - interval '1 minute'
                          AND (excluded.answered_at IS NULL OR excluded.answered_at < known.failing_since)
                         THEN known.streak ELSE 0 END,
           failing_since = CASE WHEN known.called_at > clock_timestamp() - interval '1 minute'
                                 AND (excluded.answered_at IS NULL OR excluded.answered_at < known.failing_since)
                                THEN coalesce(known.failing_since, excluded.failing_since)
                                ELSE excluded.failing_since END
 RETURNING known.id, known.name, known.state
), present AS MATERIALIZED (
    SELECT floor(extract(epoch FROM clock_timestamp()) / 10)::bigint AS number
), tallied AS (
    INSERT INTO tasks_calltally AS kept (destination_id, slot, number, calls, failures, retries)
    SELECT known.id, present.number %% 6, present.number, told.calls, told.failures, 0
      FROM told JOIN known USING (name), present
        ON CONFLICT (destination_id, slot) DO UPDATE
       SET number = greatest(kept.number, excluded.number),
           calls = CASE WHEN kept.number < excluded.number THEN 0 ELSE kept.calls END
                 + CASE WHEN kept.number > excluded.number THEN 0 ELSE excluded.calls END,
           failures = CASE WHEN kept.number < excluded.number THEN 0 ELSE kept.failures END
                    + CASE WHEN kept.number > excluded.number THEN 0 ELSE excluded.failures END,
           retries = CASE WHEN kept.number < excluded.number THEN 0 ELSE kept.retries END
)
SELECT id, name, state FROM known
"""

# After RECORD, in its transaction: the rows are locked, so what everybody told before is counted.
OPEN: Final = """
WITH tally AS (
    SELECT destination_id, sum(calls)::float8 AS calls, sum(failures)::float8 AS failures,
           greatest(extract(epoch FROM clock_timestamp()) - min(number) * 10, 10)::float8 AS seconds
      FROM tasks_calltally
     WHERE destination_id = ANY(%(ids)s)
       AND number > floor(extract(epoch FROM clock_timestamp()) / 10) - 6
     GROUP BY destination_id
)
UPDATE tasks_destination AS destination
   SET state = 'open',
       opened_at = clock_timestamp(),
       openings = destination.openings + 1,
       next_trial_at = clock_timestamp()
                     + least(%(cooldown)s * 2 ^ least(destination.openings, 20), %(longest)s) * interval '1 second',
       trial_until = NULL,
       recovering_since = NULL,
       return_rate = CASE WHEN destination.state = 'closed'
                          THEN greatest(%(return_factor)s * tally.calls / tally.seconds, %(least_rate)s)
                          ELSE destination.return_rate END
  FROM tally
 WHERE destination.id = tally.destination_id
   AND destination.state IN ('closed', 'recovering')
   AND (destination.streak >= %(least_calls)s
        OR tally.calls >= %(least_calls)s AND tally.failures * 100 >= tally.calls * %(percent)s)
RETURNING destination.name, tally.calls, tally.failures
"""

TROUBLED: Final = """
SELECT name, state FROM tasks_destination WHERE state <> 'closed'
"""

BREAKER: Final = """
SELECT state,
       return_rate
       * 2 ^ least(coalesce(extract(epoch FROM clock_timestamp() - recovering_since) / 1800, 0), 20)::float8,
       coalesce(extract(epoch FROM next_trial_at - clock_timestamp()), 0)::float8
  FROM tasks_destination
 WHERE name = %(name)s
"""

# Of all that ask at once, the one that changes the row tries: the others find `trial_until` ahead.
TRY: Final = """
UPDATE tasks_destination
   SET trial = trial + 1,
       trial_until = clock_timestamp() + %(seconds)s * interval '1 second'
 WHERE name = %(name)s
   AND state = 'open'
   AND next_trial_at <= clock_timestamp()
   AND (trial_until IS NULL OR trial_until <= clock_timestamp())
RETURNING trial
"""

# What failed before is no longer of interest: else it would open the breaker again at once. The calls that wait now were
# all new during the outage, so they tell how many come a second if that has grown since.
CLOSE: Final = """
WITH closed AS (
    UPDATE tasks_destination
       SET state = 'recovering',
           recovering_since = clock_timestamp(),
           next_trial_at = NULL,
           trial_until = NULL,
           streak = 0,
           failing_since = NULL,
           return_rate = greatest(
               return_rate,
               %(return_factor)s * (SELECT count(*) FROM tasks_postponedcall
                                     WHERE destination = name
                                       AND promised_at > clock_timestamp() - interval '5 minutes')
               / greatest(extract(epoch FROM clock_timestamp() - opened_at), 1)::float8)
     WHERE name = %(name)s
       AND state = 'open'
       AND trial = %(trial)s
 RETURNING id
), forgotten AS (
    DELETE FROM tasks_calltally USING closed WHERE destination_id = closed.id
)
SELECT id FROM closed
"""

REOPEN: Final = """
UPDATE tasks_destination
   SET openings = openings + 1,
       next_trial_at = clock_timestamp()
                     + least(%(cooldown)s * 2 ^ least(openings, 20), %(longest)s) * interval '1 second',
       trial_until = NULL
 WHERE name = %(name)s
   AND state = 'open'
   AND trial = %(trial)s
RETURNING id
"""

GIVE_TRIAL_BACK: Final = """
UPDATE tasks_destination
   SET trial_until = NULL
 WHERE name = %(name)s
   AND state = 'open'
   AND trial = %(trial)s
RETURNING id
"""

# Nobody is left in line: from now on everybody calls as they like. A destination that somebody tells of now is for the next look.
RECOVERED: Final = """
WITH free AS MATERIALIZED (
    SELECT destination.id
      FROM tasks_destination AS destination
     WHERE destination.state = 'recovering'
       AND NOT EXISTS (SELECT FROM tasks_rateline AS line
                        WHERE line.name = %(prefix)s || destination.name AND line.line_until > clock_timestamp())
       FOR NO KEY UPDATE OF destination SKIP LOCKED
)
UPDATE tasks_destination AS destination
   SET state = 'closed', openings = 0, opened_at = NULL, recovering_since = NULL
  FROM free
 WHERE destination.id = free.id
   AND destination.state = 'recovering'
RETURNING name
"""

RESET: Final = """
WITH reset AS (
    UPDATE tasks_destination
       SET state = 'closed', openings = 0, opened_at = NULL, recovering_since = NULL,
           next_trial_at = NULL, trial_until = NULL, streak = 0, failing_since = NULL
     WHERE id = %(id)s
       AND state <> 'closed'
 RETURNING id
), forgotten AS (
    DELETE FROM tasks_calltally USING reset WHERE destination_id = reset.id
)
SELECT id FROM reset
"""

LOCK: Final = """
SELECT id FROM tasks_destination WHERE name = %(name)s FOR NO KEY UPDATE
"""

# After LOCK, in its transaction.
SPEND_RETRY: Final = """
WITH present AS MATERIALIZED (
    SELECT floor(extract(epoch FROM clock_timestamp()) / 10)::bigint AS number
), tally AS (
    SELECT coalesce(sum(calls), 0) AS calls, coalesce(sum(retries), 0) AS retries
      FROM tasks_calltally AS each, present
     WHERE destination_id = %(id)s
       AND each.number > present.number - 6
)
INSERT INTO tasks_calltally AS kept (destination_id, slot, number, calls, failures, retries)
SELECT %(id)s, present.number %% 6, present.number, 0, 0, 1
  FROM present, tally
 WHERE tally.retries < tally.calls * %(percent)s / 100.0 + %(floor)s
    ON CONFLICT (destination_id, slot) DO UPDATE
   SET number = greatest(kept.number, excluded.number),
       calls = CASE WHEN kept.number < excluded.number THEN 0 ELSE kept.calls END,
       failures = CASE WHEN kept.number < excluded.number THEN 0 ELSE kept.failures END,
       retries = CASE WHEN kept.number < excluded.number THEN 0 ELSE kept.retries END + 1
RETURNING retries
"""

ADD_LINES: Final = """
INSERT INTO tasks_rateline (name, used_until, line_until)
SELECT name, clock_timestamp(), clock_timestamp()
  FROM json_to_recordset(%(rates)s) AS asked (name text)
 ORDER BY name
    ON CONFLICT (name) DO NOTHING
RETURNING name
"""

# The slot is the first instant that all the rates leave free; to take it moves each of them on by its interval.
# Who has no place in line takes none while there is a line.
TAKE_SLOT: Final = """
WITH asked AS (
    SELECT * FROM json_to_recordset(%(rates)s) AS asked (name text, seconds float8)
), held AS MATERIALIZED (
    SELECT line.name, line.used_until, line.line_until, asked.seconds
      FROM tasks_rateline AS line JOIN asked USING (name)
     ORDER BY line.name
       FOR NO KEY UPDATE OF line
), slot AS (
    SELECT greatest(max(used_until), clock_timestamp()) AS at,
           %(in_line)s OR max(line_until) <= clock_timestamp() + %(patience)s AS free
      FROM held
)
UPDATE tasks_rateline AS line
   SET used_until = slot.at + held.seconds * interval '1 second'
  FROM held, slot
 WHERE line.name = held.name
   AND slot.free
   AND slot.at <= clock_timestamp() + %(patience)s
RETURNING extract(epoch FROM slot.at - clock_timestamp())::float8
"""

GET_IN_LINE: Final = """
WITH asked AS (
    SELECT * FROM json_to_recordset(%(rates)s) AS asked (name text, seconds float8)
), held AS MATERIALIZED (
    SELECT line.name,
           greatest(line.line_until, line.used_until,
                    clock_timestamp() + %(not_before)s * interval '1 second') AS promised,
           asked.seconds
      FROM tasks_rateline AS line JOIN asked USING (name)
     ORDER BY line.name
       FOR NO KEY UPDATE OF line
)
UPDATE tasks_rateline AS line
   SET line_until = held.promised + held.seconds * interval '1 second'
  FROM held
 WHERE line.name = held.name
RETURNING extract(epoch FROM held.promised - clock_timestamp())::float8
"""

# A place that nobody came back to for so long was lost, or its call was let through without a question. Longer than the
# longest delay of a retry: else each retry of a call that waited for too long would begin to wait anew.
PLACE: Final = """
SELECT extract(epoch FROM promised_at - clock_timestamp())::float8,
       extract(epoch FROM clock_timestamp() - since)::float8
  FROM tasks_postponedcall
 WHERE run_id = %(run)s
   AND destination = %(destination)s
   AND promised_at > clock_timestamp() - interval '10 minutes'
"""

POSTPONE: Final = """
INSERT INTO tasks_postponedcall AS kept (run_id, agent_id, destination, since, promised_at)
VALUES (%(run)s, %(agent)s, %(destination)s, clock_timestamp(),
        clock_timestamp() + %(seconds)s * interval '1 second')
    ON CONFLICT (run_id) DO UPDATE
   SET destination = excluded.destination,
       since = CASE WHEN %(again)s THEN kept.since ELSE excluded.since END,
       promised_at = excluded.promised_at
RETURNING run_id
"""

GIVE_PLACE_UP: Final = """
DELETE FROM tasks_postponedcall WHERE run_id = %(run)s RETURNING run_id
"""
