"""What is in the queue: how much, how old, of whom, what does it wait for, who holds it, and what ended badly?

Whatever the queue's length, a look costs about the same: of each kind the first `LOOKED_AT` runs are read, along the
index in whose order they are served. A number that reaches that limit means "at least".
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

from tasks_app.models import Agent
from tasks_app.states import RunState

LOOKED_AT: Final = 10_000  # of each priority, each kind of waiting, each bad end
TOP_AGENTS: Final = 5
AGES: Final = (5, 60, 600, 3600)  # seconds
AGE_WORDS: Final = ("under 5 s", "5 s to 1 min", "1 to 10 min", "10 to 60 min", "over 1 h")
TROUBLED: Final = (RunState.DEAD, RunState.FAILED, RunState.TIMED_OUT)


@dataclass(frozen=True, kw_only=True)
class Level:
    """The queued runs of one priority. ages: how many have been due for how long, in the order of `AGE_WORDS`."""

    priority: int
    ages: tuple[int, ...]

    @property
    def runs(self) -> int:
        return sum(self.ages)

    @property
    def is_least(self) -> bool:
        """Whether there may be more than `runs`."""
        return is_least(self.runs)


@dataclass(frozen=True, kw_only=True)
class Leases:
    """The running runs, by priority. ends_in: seconds until the first lease ends, None without any; expired: waiting for reap."""

    held: Mapping[int, int]
    expired: int
    ends_in: float | None

    @property
    def runs(self) -> int:
        return sum(self.held.values())


@dataclass(frozen=True, kw_only=True)
class QueueState:
    """levels: the most urgent first, empty ones left out. lately: bad ends of the last 24 hours. dead: all that are kept.

    more_waiting: for what more runs may wait than `waiting` says; several kinds share a limit.
    """

    levels: Sequence[Level]
    oldest_seconds: float
    top_agents: Sequence[tuple[str, int]]
    waiting: Mapping[str, int]
    more_waiting: Sequence[str]
    leases: Leases
    lately: Mapping[str, int]
    dead: int
    looked_at: int = field(default=LOOKED_AT)

    @property
    def queued(self) -> int:
        return sum(level.runs for level in self.levels)

    @property
    def depth(self) -> dict[str, int]:
        """The unfinished runs by state."""
        return {
            RunState.QUEUED.value: self.queued,
            RunState.RUNNING.value: self.leases.runs,
            RunState.WAITING.value: sum(self.waiting.values()),
        }


def is_least(counted: int) -> bool:
    """Whether a count stopped at its limit, so that there may be more."""
    return counted >= LOOKED_AT


def look() -> QueueState:
    """Six statements, each along a partial index."""
    levels, oldest, agents = _queued()
    waiting, more_waiting = _waiting()
    return QueueState(
        levels=levels,
        oldest_seconds=oldest,
        top_agents=_named(agents),
        waiting=waiting,
        more_waiting=more_waiting,
        leases=_leases(),
        lately=dict(_rows(LATELY)),
        dead=_rows(DEAD)[0][0],
    )


# With each priority's runs, those of each agent among them: the same rows, read once.
QUEUED: Final = """
WITH front AS MATERIALIZED (
    SELECT level.priority, run.agent_id, run.waited
      FROM generate_series(1, 9) AS level (priority)
     CROSS JOIN LATERAL (
         SELECT agent_id, extract(epoch FROM clock_timestamp() - run_at)::float8 AS waited
           FROM tasks_run
          WHERE state = 'queued'
            AND priority = level.priority
          ORDER BY fair_at, id
          LIMIT %(most)s
     ) AS run
), of_agents AS (
    SELECT agent_id, count(*) AS runs FROM front GROUP BY agent_id ORDER BY runs DESC, agent_id LIMIT %(agents)s
)
SELECT priority, NULL::uuid, width_bucket(waited, %(ages)s::float8[]) AS age, count(*), max(waited)
  FROM front
 GROUP BY priority, age
 UNION ALL
SELECT NULL, agent_id, NULL, runs, NULL
  FROM of_agents
"""

# A part for each index: by their time, by an answer, by the turn in a lane, by a place under a key or under a limit.
WAITING: Final = """
SELECT part, waiting_for, count(*)
  FROM (
      (SELECT 1 AS part, waiting_for FROM tasks_run
        WHERE state = 'waiting' AND waiting_for IN ('breaker', 'budget', 'rate_limit', 'retry', 'sleep', 'start')
        ORDER BY run_at LIMIT %(most)s)
       UNION ALL
      (SELECT 2 AS part, waiting_for FROM tasks_run
        WHERE state = 'waiting' AND waiting_for IN ('approval', 'child_run', 'decision', 'event')
        ORDER BY run_at LIMIT %(most)s)
       UNION ALL
      (SELECT 3 AS part, waiting_for FROM tasks_run
        WHERE state = 'waiting' AND waiting_for = 'turn' AND NOT lane = '' AND takes_turn
        ORDER BY lane, scheduled_for, id LIMIT %(most)s)
       UNION ALL
      (SELECT 4 AS part, waiting_for FROM tasks_run
        WHERE state = 'waiting' AND waiting_for = 'turn' AND NOT concurrency_key = '' AND NOT takes_turn
        ORDER BY agent_id, concurrency_key, priority DESC, run_at, id LIMIT %(most)s)
       UNION ALL
      (SELECT 5 AS part, waiting_for FROM tasks_run
        WHERE state = 'waiting' AND waiting_for = 'agent_limit'
        ORDER BY agent_id, priority DESC, run_at, id LIMIT %(most)s)
  ) AS looked_at
 GROUP BY part, waiting_for
 ORDER BY waiting_for
"""

LEASES: Final = """
SELECT priority, count(*), count(*) FILTER (WHERE ends_in < 0), min(ends_in)
  FROM (
      SELECT priority, extract(epoch FROM lease_until - clock_timestamp())::float8 AS ends_in
        FROM tasks_run
       WHERE state = 'running'
       ORDER BY lease_until
       LIMIT %(most)s
  ) AS looked_at
 GROUP BY priority
 ORDER BY priority DESC
"""

LATELY: Final = """
SELECT asked.state, count(*)
  FROM unnest(%(troubled)s::text[]) AS asked (state)
 CROSS JOIN LATERAL (
     SELECT id
       FROM tasks_run
      WHERE state IN ('dead', 'failed', 'timed_out')
        AND state = asked.state
        AND finished_at > (SELECT clock_timestamp() - interval '24 hours')
      ORDER BY finished_at DESC
      LIMIT %(most)s
 ) AS ended
 GROUP BY asked.state
 ORDER BY asked.state
"""

DEAD: Final = "SELECT count(*) FROM (SELECT id FROM tasks_run WHERE state = 'dead' LIMIT %(most)s) AS looked_at"

PARAMETERS: Final[dict[str, Any]] = {
    "most": LOOKED_AT,
    "agents": TOP_AGENTS,
    "ages": list(AGES),
    "troubled": [state.value for state in TROUBLED],
}


def _queued() -> tuple[list[Level], float, list[tuple[Any, int]]]:
    ages: dict[int, list[int]] = {}
    oldest, agents = 0.0, []
    for priority, agent, age, runs, waited in _rows(QUEUED):
        if agent:
            agents.append((agent, runs))
        else:
            ages.setdefault(priority, [0] * len(AGE_WORDS))[age] = runs
            oldest = max(oldest, waited)
    levels = [Level(priority=priority, ages=tuple(ages[priority])) for priority in sorted(ages, reverse=True)]
    return levels, oldest, agents


def _named(agents: Sequence[tuple[Any, int]]) -> list[tuple[str, int]]:
    names = dict(Agent.objects.filter(pk__in=[agent for agent, _ in agents]).values_list("pk", "name"))
    return [(names[agent], runs) for agent, runs in agents]


def _waiting() -> tuple[dict[str, int], list[str]]:
    waiting, parts = Counter[str](), Counter[int]()
    rows = _rows(WAITING)
    for part, waiting_for, runs in rows:
        waiting[waiting_for] += runs
        parts[part] += runs
    return dict(waiting), sorted({waiting_for for part, waiting_for, _ in rows if is_least(parts[part])})


def _leases() -> Leases:
    rows = _rows(LEASES)
    return Leases(
        held={priority: runs for priority, runs, _, _ in rows},
        expired=sum(expired for _, _, expired, _ in rows),
        ends_in=min((ends_in for *_, ends_in in rows), default=None),
    )


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, PARAMETERS)
        return list(cursor.fetchall())
