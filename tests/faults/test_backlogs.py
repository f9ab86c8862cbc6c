"""F25 and F26: a queue that is very long, and a database that cannot clean up."""

import os
import time
from pathlib import Path

import psycopg
import pytest

from tests.faults.checker import percentile, start_delays
from tests.faults.conftest import SceneOf
from tests.faults.platform import Platform
from tests.faults.results import Row
from tests.faults.scene import Scene

RUNS = int(os.environ.get("ORDINAUT_FAULTS_BACKLOG", "50000"))
SNAPSHOT_SECONDS = int(os.environ.get("ORDINAUT_FAULTS_SNAPSHOT", "60"))
DRAIN_SECONDS = RUNS / 100 + 60
pytestmark = [pytest.mark.faults, pytest.mark.timeout(300 + RUNS / 50 + 2 * SNAPSHOT_SECONDS)]
TIMED = "tasks_app.queue: import timings; claim = timings.timed(claim)"
WHOLE_STREAM = "tasks_app.maintenance.prune: STREAM_ENTRIES = STREAM_ENTRIES_AT_MOST = 10**9"
NOOP = [{"id": "nothing", "uses": "noop"}]

# As the planner queues them: each agent's runs a millisecond apart on the line of places.
FILL = """
INSERT INTO tasks_run (id, task_id, task_version, agent_id, priority, trigger, run_at, fair_at, request_id, state,
                       waiting_for, worker, fence, attempt, failures, losses, event_seq)
SELECT gen_random_uuid(), %(task)s, 1, %(agent)s, 5, 'schedule', moment, moment + nth * interval '1 ms', '', 'queued', '',
       '', 0, 0, 0, 0, 0
  FROM generate_series(1, %(runs)s) AS nth, (SELECT clock_timestamp() - interval '1 h' AS moment) AS past
"""
AGENT = """
INSERT INTO tasks_agent (id, name, scopes, secret_hash, active, runs_counted, event_seq)
SELECT gen_random_uuid(), 'the other one', scopes, secret_hash, true, 0, 0 FROM tasks_agent LIMIT 1 RETURNING id
"""
RATE = """
SELECT count(*) / extract(epoch FROM max(finished_at) - min(claimed_at)) FROM tasks_run WHERE finished_at IS NOT NULL
"""
SHARES = """
WITH first_done AS (
    SELECT min(done) AS moment
      FROM (SELECT max(finished_at) AS done FROM tasks_run WHERE task_id = %(task)s GROUP BY agent_id) AS ends
)
SELECT count(*) FROM tasks_run, first_done WHERE task_id = %(task)s AND finished_at <= moment GROUP BY agent_id
"""


@pytest.mark.fault("F25", f"{RUNS:,} runs are due at once after an outage, four fifths of them one agent's")
def test_a_backlog_is_drained_fairly_and_what_is_urgent_is_not_kept_waiting(scene_of: SceneOf, row: Row) -> None:
    planted = {"FAULTS_AFTER_IMPORT": f"{TIMED}\n{WHOLE_STREAM}"}
    with scene_of(workers=0, beats=1, rate=1, scheduled=0, before=times, **planted) as scene:
        backlog = scene.load.add_task(NOOP)["id"]
        urgent = scene.load.add_task(NOOP, priority=9)["id"]
        fill(scene.platform, backlog, ours=RUNS * 4 // 5, others=RUNS // 5)
        for _ in range(2):
            scene.platform.start("worker", ORDINAUT_WORKER_PROCESSES="2")
        drained = until_drained(scene, urgent)
        ratio = unfairness(scene.platform, backlog)
        history = scene.settled()
        claims = claim_times(scene.platform)

    row.measure("claim p95", 1000 * percentile(claims, 95), unit="ms", at_most=50)
    row.measure("drained", drained, unit="runs/s", at_least=300)
    row.measure("longest wait of an urgent run", start_delays(history, set(history.promised))[-1], unit="s", at_most=30)
    row.measure("unfairness", ratio, unit="times", at_most=2)
    row.judge(history)


@pytest.mark.fault("F26", f"a REPEATABLE READ snapshot is open for {SNAPSHOT_SECONDS} s")
def test_an_open_snapshot_does_not_make_claims_slow(scene_of: SceneOf, row: Row) -> None:
    with scene_of(before=times, rate=100, FAULTS_AFTER_IMPORT=TIMED) as scene:
        scene.under_load(seconds=10)
        with psycopg.connect(scene.platform.database_url) as reader:
            reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            reader.execute("SELECT count(*) FROM tasks_run")
            times_file(scene.platform).write_text("")
            scene.go_on(SNAPSHOT_SECONDS)
            claims = claim_times(scene.platform)
            dead = dead_rows(scene.platform)
        history = scene.settled()

    row.measure("claim p95", 1000 * percentile(claims, 95), unit="ms", at_most=100)
    row.measure("claims", len(claims), at_least=100)
    row.measure("dead rows of the queue", dead)
    row.measure("start delay p99", percentile(start_delays(history), 99), unit="s")
    row.judge(history)


def times_file(platform: Platform) -> Path:
    return platform.home / "claim times"


def times(platform: Platform) -> dict[str, str]:
    return {"FAULTS_TIMES": str(times_file(platform))}


def claim_times(platform: Platform) -> list[float]:
    return sorted(map(float, times_file(platform).read_text().split()))


def fill(platform: Platform, task: str, *, ours: int, others: int) -> None:
    """Queue so many runs of the task for its agent, and for another."""
    with psycopg.connect(platform.database_url) as connection:
        [[our_agent]] = connection.execute("SELECT created_by_id FROM tasks_task WHERE id = %s", [task])
        [[other_agent]] = connection.execute(AGENT)
        for agent, runs in ((our_agent, ours), (other_agent, others)):
            connection.execute(FILL, {"task": task, "agent": agent, "runs": runs})
    with psycopg.connect(platform.database_url, autocommit=True) as connection:
        connection.execute("ANALYZE tasks_run")


def until_drained(scene: Scene, urgent: str) -> float:
    """From the first claim on, ask for an urgent run every other second until no run is left; the runs per second from the first claim on."""
    scene.platform.until(times_file(scene.platform).exists)
    deadline = time.monotonic() + DRAIN_SECONDS
    while left(scene.platform) and time.monotonic() < deadline:
        scene.load.run_now(urgent)
        scene.go_on(2)
    with psycopg.connect(scene.platform.database_url) as connection:
        [[rate]] = connection.execute(RATE)
    return float(rate)


def unfairness(platform: Platform, task: str) -> float:
    """How many times as many runs one agent had than the other, when the backlog of one was done."""
    with psycopg.connect(platform.database_url) as connection:
        had = [runs for [runs] in connection.execute(SHARES, {"task": task})]
    return max(had) / min(had)


def left(platform: Platform) -> bool:
    with psycopg.connect(platform.database_url) as connection:
        return connection.execute("SELECT FROM tasks_run WHERE state IN ('queued', 'running') LIMIT 1").rowcount > 0


def dead_rows(platform: Platform) -> int:
    with psycopg.connect(platform.database_url) as connection:
        [[dead]] = connection.execute("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'tasks_run'")
    return int(dead)
