"""What happened: the one module that knows in which tables and streams the platform writes it down.

Tables are read past Django, straight from the platform's own Postgres; events from the stream, as consumers see them.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import psycopg
import redis
from psycopg.rows import class_row, scalar_row

from tests.faults.api import Answer
from tests.faults.effects import Call
from tests.faults.load import Load, Scheduled
from tests.faults.platform import Platform

STREAM = "ordinaut:events"
TERMINAL = frozenset({"succeeded", "failed", "timed_out", "canceled", "dead"})

_RUNS = """
SELECT id::text, task_id::text AS task, state, attempt, fence, losses, scheduled_for, created_at, finished_at,
       event_seq AS events
  FROM tasks_run ORDER BY id"""
# The last attempt of a run that has ended is in the run itself.
_ATTEMPTS = """
SELECT run_id::text AS run, number, outcome, worker, started_at, finished_at FROM tasks_attempt
UNION ALL
SELECT id::text, attempt, CASE state WHEN 'dead' THEN 'lost' ELSE state END, worker, claimed_at, finished_at
  FROM tasks_run AS run
 WHERE finished_at IS NOT NULL AND attempt > 0
   AND NOT EXISTS (SELECT FROM tasks_attempt WHERE run_id = run.id AND number = run.attempt)
 ORDER BY run, number"""
# Every record that is final, so that one which is there twice is seen; of a step without any, the last.
_STEPS = """
WITH told AS (
    SELECT run_id::text AS run, step ->> 0 AS step, attempt, step ->> 1 AS state, step ->> 2 AS tool, step ->> 7 AS key,
           step -> 4 AS output, seq, step ->> 1 IN ('succeeded', 'skipped') AS final,
           bool_or(step ->> 1 IN ('succeeded', 'skipped')) OVER same AS decided,
           row_number() OVER (PARTITION BY run_id, step ->> 0 ORDER BY seq DESC) AS from_last
      FROM tasks_steplog CROSS JOIN jsonb_array_elements(steps::jsonb) AS step
    WINDOW same AS (PARTITION BY run_id, step ->> 0)
)
SELECT run, step, attempt, state, tool, key, output FROM told WHERE final OR NOT decided AND from_last = 1"""
_SKIPPED = """
SELECT task_id::text AS task, scheduled_for AS instant, reason FROM tasks_skippedoccurrence"""
_CURSORS = "SELECT id::text, due_at FROM tasks_task"
_UNFINISHED = "SELECT count(*) FROM tasks_run WHERE state IN ('queued', 'running', 'waiting')"
_EVENTS_WRITTEN = "SELECT coalesce(sum(event_seq), 0) FROM tasks_run"
_HELD = "SELECT id::text FROM tasks_run WHERE state = 'running' AND split_part(worker, ':', 2)::int = ANY(%s)"


@dataclass(frozen=True, kw_only=True)
class Run:
    id: str
    task: str
    state: str
    attempt: int  # claims so far
    fence: int
    losses: int
    scheduled_for: datetime | None
    created_at: datetime
    finished_at: datetime | None
    events: int  # how many were written about it: the seq of the newest


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A lease that has ended: it held from `started_at` until `finished_at` at most, by the database's clock."""

    run: str
    number: int
    outcome: str
    worker: str
    started_at: datetime
    finished_at: datetime


@dataclass(frozen=True, kw_only=True)
class Step:
    run: str
    step: str
    attempt: int
    state: str
    tool: str
    key: str
    output: Any


@dataclass(frozen=True, kw_only=True)
class Skipped:
    task: str
    instant: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Event:
    pos: int
    type: str
    aggregate: str
    seq: int
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class History:
    """All that the checker judges by. Everything has a default, so that its own tests write only what they are about."""

    runs: Sequence[Run] = ()
    attempts: Sequence[Attempt] = ()
    steps: Sequence[Step] = ()
    events: Sequence[Event] = ()  # in the stream's order
    calls: Sequence[Call] = ()  # in the order of their arrival
    answers: Sequence[Answer] = ()
    promised: Sequence[str] = ()
    pipelines: dict[str, list[str]] = field(default_factory=dict)
    scheduled: Sequence[Scheduled] = ()
    skipped: Sequence[Skipped] = ()
    cursors: dict[str, datetime | None] = field(default_factory=dict)

    @cached_property
    def scheduled_runs(self) -> list[Run]:
        """Those of tasks on intervals: an event's runs have an instant, too."""
        tasks = {each.task for each in self.scheduled}
        return [run for run in self.runs if run.task in tasks]

    @cached_property
    def attempts_of(self) -> dict[str, list[Attempt]]:
        """By run, in their order."""
        found: dict[str, list[Attempt]] = defaultdict(list)
        for attempt in self.attempts:
            found[attempt.run].append(attempt)
        return found

    @cached_property
    def events_of(self) -> dict[str, list[Event]]:
        """By aggregate (`run:<id>`), in the stream's order."""
        found: dict[str, list[Event]] = defaultdict(list)
        for event in self.events:
            found[event.aggregate].append(event)
        return found

    @cached_property
    def calls_of(self) -> dict[tuple[str, str], list[Call]]:
        """By run and step, in the order of arrival."""
        found: dict[tuple[str, str], list[Call]] = defaultdict(list)
        for call in self.calls:
            found[call.run, call.step].append(call)
        return found


def read(platform: Platform, load: Load, calls: Sequence[Call]) -> History:
    """Everything, the tables in one snapshot."""
    with psycopg.connect(platform.database_url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        cursors: Any = connection.execute(_CURSORS).fetchall()
        return History(
            runs=_rows(connection, Run, _RUNS),
            attempts=_rows(connection, Attempt, _ATTEMPTS),
            steps=_rows(connection, Step, _STEPS),
            skipped=_rows(connection, Skipped, _SKIPPED),
            cursors=dict(cursors),
            events=read_events(platform),
            calls=list(calls),
            answers=list(platform.api.answers),
            promised=list(load.promised),
            pipelines=dict(load.pipelines),
            scheduled=list(load.scheduled),
        )


def read_events(platform: Platform) -> list[Event]:
    """The whole stream. Fails if an entry's id is not its `pos`."""
    events = []
    with redis.Redis.from_url(platform.redis_url, decode_responses=True) as client:
        entries: Any = client.xrange(STREAM)
    for entry, fields in entries:
        told = json.loads(fields["event"])
        assert entry == f"{told['pos']}-0"
        events.append(event_of(told))
    return events


def event_of(envelope: dict[str, Any]) -> Event:
    kept = {name: envelope[name] for name in ("pos", "type", "aggregate", "seq", "data")}
    return Event(at=datetime.fromisoformat(envelope["at"]), **kept)


def events_missing(platform: Platform) -> int:
    """How many events were written about runs and are not on the stream."""
    written = int(_scalars(platform, _EVENTS_WRITTEN)[0])
    return written - sum(event.aggregate.startswith("run:") for event in read_events(platform))


def unfinished(platform: Platform) -> int:
    """How many runs have not ended."""
    return int(_scalars(platform, _UNFINISHED)[0])


def held_by(platform: Platform, pids: set[int]) -> set[str]:
    """The runs that are leased to these processes at this moment."""
    return set(_scalars(platform, _HELD, [list(pids)]))


def _scalars(platform: Platform, sql: str, *parameters: Any) -> list[Any]:
    with psycopg.connect(platform.database_url, row_factory=scalar_row) as connection:
        return connection.execute(sql, parameters[0] if parameters else None).fetchall()


def _rows(connection: psycopg.Connection[Any], kind: type[Any], sql: str) -> list[Any]:
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(sql).fetchall()
