"""How many occurrences a second does the tick make, beside django-celery-beat's own scheduler, and how late are they?

The tasks are put in by SQL. Then 10,000 of them are due at one second, and `tick.run_once` is called as its duty calls
it: after that second, and at once again while there is more. The peer's loop is its own too, with nothing sent: its
rates are those of a broker that costs nothing, and what it saves later is not counted.
"""

import gc
import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles
from unittest.mock import patch

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks
from django_celery_beat.schedulers import DatabaseScheduler

from tasks_app.maintenance import tick
from tasks_app.models import Run, Task, TaskDefinition
from tests.benchmarks.processes import WORKER, running, wait_for
from tests.making import make_task

SIZES = [int(size) for size in os.environ.get("BENCH_TASKS", "100000,1000000").split(",")]
DUE = int(os.environ.get("BENCH_DUE", "10000"))
ROUNDS = int(os.environ.get("BENCH_TICK_ROUNDS", "3"))
PEER_SIZES = (1_000, 10_000)
PEER_SECONDS = 10.0

# Half of them RRULEs, the others crons and intervals.
KIND = "(ARRAY['rrule', 'cron', 'rrule', 'interval'])[mod(n, 4) + 1]"
EXPR = """(ARRAY['FREQ=DAILY;BYHOUR=' || mod(n, 24) || ';BYMINUTE=' || mod(n / 24, 60), mod(n, 60) || ' ' || mod(n / 60, 24) || ' * * *',
    'FREQ=WEEKLY;BYDAY=MO,WE,FR;BYHOUR=' || mod(n, 24), 'PT' || 1 + mod(n, 1000) || 'M'])[mod(n, 4) + 1]"""


@pytest.fixture(autouse=True)
def _no_statement_is_too_long(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("size", SIZES)
def test_tick_beside_the_stock_scheduler(redis_emptied: None, tmp_path: Path, size: int) -> None:
    peers = {entries: _stock(entries) for entries in PEER_SIZES}
    _fill(size)

    gc.freeze()  # as beat does
    idle = _idle_seconds()
    cold, _ = _due_together()
    rounds = [_due_together() for _ in range(ROUNDS)]
    started = _starts(tmp_path / "worker.log")

    rate = median(DUE / busy for busy, _ in rounds)
    last = median(late for _, late in rounds)
    p50, p95, p99 = (quantiles(started, n=100)[at - 1] for at in (50, 95, 99))
    print(f"\nTick at {size:,} tasks, {DUE:,} of them due at one second, median of {ROUNDS}:")
    print(f"  occurrences                        {rate:>9,.0f} /s")
    print(f"  the first time, schedules unread   {DUE / cold:>9,.0f} /s")
    for entries, peer in peers.items():
        print(f"  stock scheduler, {entries:>6,} entries    {peer:>9,.0f} /s   tick : stock = {rate / peer:,.0f} : 1")
    print(f"  tick with nothing due              {idle * 1000:>9.2f} ms")
    print(f"  the last of {DUE:,} is planned        {last:>9.2f} s late")
    print(
        f"  starts, one worker of 2 processes      p50 {p50:.2f}  p95 {p95:.2f}  p99 {p99:.2f}  max {max(started):.2f} s late\n"
    )
    assert rate >= 50 * peers[10_000]
    assert idle < 0.005
    assert last < 1


def _fill(size: int) -> None:
    """Many tasks that are due another day, copied from one."""
    template = make_task(title="bench")
    ours = {
        "id": "gen_random_uuid()",
        "schedule_kind": KIND,
        "schedule_expr": EXPR,
        "next_run_at": "clock_timestamp() + interval '1 day' + n * interval '1 ms'",
        "due_at": "clock_timestamp() + interval '1 day' + n * interval '1 ms'",
    }
    columns = [field.column for field in Task._meta.concrete_fields]
    values = [ours.get(column, f"template.{column}") for column in columns]
    kept = [field.column for field in TaskDefinition._meta.concrete_fields if not field.primary_key]
    copied = ["task.id" if column == "task_id" else f"kept.{column}" for column in kept]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO tasks_task ({', '.join(columns)}) SELECT {', '.join(values)}"
            " FROM tasks_task AS template, generate_series(1, %s) AS n WHERE template.id = %s",
            [size, template.pk],
        )
        cursor.execute(
            f"INSERT INTO tasks_taskdefinition ({', '.join(kept)}) SELECT {', '.join(copied)}"
            " FROM tasks_taskdefinition AS kept, tasks_task AS task WHERE task.id <> kept.task_id AND task.due_at IS NOT NULL"
        )
        cursor.execute("VACUUM ANALYZE tasks_task, tasks_taskdefinition")


def _idle_seconds() -> float:
    seconds = []
    for _ in range(50):
        begun = time.perf_counter()
        assert tick.run_once()["tasks"] == 0
        seconds.append(time.perf_counter() - begun)
    return median(seconds)


def _due_together() -> tuple[float, float]:
    """Seconds of work for all of them, and how late the last one is planned: when the tick's last commit is through."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tasks_run, tasks_outboxentry CASCADE; CHECKPOINT")
    due = _make_due()
    while _now() < due:
        time.sleep(0.001)
    begun = time.perf_counter()
    made = _tick_until_done()
    busy, late = time.perf_counter() - begun, _now() - due
    assert made == Run.objects.count() == DUE
    return busy, late


def _make_due() -> float:
    """Let `DUE` of them be due at a whole second that is to come; answer it (seconds since 1970)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH chosen AS (SELECT id FROM tasks_task WHERE due_at IS NOT NULL ORDER BY id LIMIT %s),
                 moment AS (SELECT date_trunc('second', clock_timestamp()) + interval '15 seconds' AS due)
            UPDATE tasks_task AS task
               SET due_at = due, next_run_at = due, planned_until = due - interval '1 minute'
              FROM chosen, moment WHERE task.id = chosen.id
         RETURNING extract(epoch FROM due)::float8
            """,
            [DUE],
        )
        due = float(cursor.fetchone()[0])
        cursor.execute("VACUUM ANALYZE tasks_task")
    assert _now() < due, "the rows took too long to be made due"
    return due


def _tick_until_done() -> int:
    """By as many threads as one beat has for it."""
    ticks = sum(path.endswith("tick.run_once") for path, *_ in settings.BEAT_DUTIES.values())
    with ThreadPoolExecutor(ticks) as threads:
        return sum(threads.map(lambda _: _tick_in_a_thread(), range(ticks)))


def _tick_in_a_thread() -> int:
    made = 0
    try:
        while True:
            counts = tick.run_once()
            made += counts["runs"]
            if not counts["more"]:
                return made
    finally:
        connection.close()


def _starts(log: Path) -> list[float]:
    """How many seconds after their instant the runs start, with a worker beside the tick."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tasks_run, tasks_outboxentry CASCADE")
    with running(*WORKER, "-c", "2", log=log):
        wait_for(lambda: "ready" in log.read_text())
        due = _make_due()
        time.sleep(max(due - _now(), 0))
        assert _tick_until_done() == DUE
        wait_for(lambda: not Run.objects.unfinished().exists())
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM started_at - scheduled_for)::float8 FROM tasks_run")
        return [row[0] for row in cursor.fetchall()]


def _now() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        return float(cursor.fetchone()[0])


def _stock(entries: int) -> float:
    """Entries that django-celery-beat fires a second, all of them due, in the loop that it has itself."""
    daily = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.DAYS)
    PeriodicTask.objects.bulk_create(
        [
            PeriodicTask(name=f"peer {n}", task="peer", interval=daily, last_run_at="2026-01-01T00:00:00Z")
            for n in range(entries)
        ]
    )
    PeriodicTasks.update_changed()
    fired: list[str] = []
    app = Celery("peer", broker="memory://", set_as_current=False)
    app.conf.result_expires = None
    logging.getLogger("celery.beat").setLevel(logging.WARNING)  # not even its log costs it anything
    with (
        patch.object(DatabaseScheduler, "apply_async", lambda _self, entry, **_: fired.append(entry.name)),
        patch.object(DatabaseScheduler, "producer", None),
        patch.object(DatabaseScheduler, "sync", lambda _self: None),
    ):
        scheduler = DatabaseScheduler(app=app)
        scheduler.tick()  # reads the rows and plans them
        fired.clear()
        begun = time.perf_counter()
        while len(fired) < entries - 1 and time.perf_counter() - begun < PEER_SECONDS:
            scheduler.tick()
        rate = len(fired) / (time.perf_counter() - begun)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE django_celery_beat_periodictask CASCADE")  # deleting them tells of each
    return rate
