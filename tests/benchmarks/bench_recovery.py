"""How soon do the runs of a killed worker go on elsewhere, on default settings?

Two workers and a beat, as `make up` starts them. One worker is stopped (SIGSTOP), so that what it holds stays what it holds,
and is killed with all its processes at once. Told are the claims of its runs by the other worker, from the kill on, by the
database's clock; a step of such a run may begin a little later, since runs that were lost begin a few at a time.
"""

import os
import signal
import time
from datetime import datetime
from pathlib import Path
from statistics import median
from uuid import UUID

import psutil
import pytest
from django.db import connection

from tasks_app.conf import conf
from tasks_app.events import wakeup
from tasks_app.models import Run, Task
from tests.benchmarks.filling import fill
from tests.benchmarks.measuring import all_ended, forget_runs, working
from tests.benchmarks.processes import WORKER, running, wait_for
from tests.making import make_task

KILLS = int(os.environ.get("BENCH_KILLS", "2"))
RUNS = int(os.environ.get("BENCH_RECOVERY_RUNS", "500"))  # more than the two processes of one worker have threads for
LIMIT = 40.0  # seconds
NAP = {"id": "nap", "uses": "system.sleep", "with": {"seconds": 3}}


@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_the_runs_of_a_killed_worker_go_on_elsewhere(redis_emptied: None, tmp_path: Path) -> None:
    task = make_task(payload={"pipeline": [NAP]})
    kills = [_kill(task, tmp_path) for _ in range(KILLS)]
    print(f"\nRuns of a killed worker, lease {conf().lease.total_seconds():.0f} s, {KILLS} kills:")
    print(f"  {'runs in its hands':>20}{'first':>9}{'median':>9}{'last':>9}   s until claimed elsewhere")
    for seconds in kills:
        print(f"  {len(seconds):>20}{min(seconds):>9.1f}{median(seconds):>9.1f}{max(seconds):>9.1f}")
    print()
    assert max(map(max, kills)) < LIMIT


def _kill(task: Task, folder: Path) -> list[float]:
    """For each run that the killed worker had: seconds until another had it."""
    quick = make_task()
    log = folder / "victim.log"
    with (
        running("celery", "-A", "ordinaut_site", "beat", log=folder / "beat.log"),
        working(quick, processes=2, log=folder / "survivor.log"),
        running(*WORKER, "-c", "2", log=log) as victim,
    ):
        wait_for(lambda: "ready" in log.read_text(), seconds=60)
        fill(task, RUNS)
        wakeup.send()
        wait_for(lambda: bool(_held_by(victim.pid)), every=0.05, seconds=60)
        os.killpg(victim.pid, signal.SIGSTOP)
        time.sleep(1)  # for what Postgres was doing for it
        held = _held_by(victim.pid)
        killed_at = _now()
        os.killpg(victim.pid, signal.SIGKILL)
        wait_for(lambda: not Run.objects.filter(pk__in=held, attempt=1).exists(), seconds=3 * LIMIT)
        claims = Run.objects.filter(pk__in=held).values_list("claimed_at", flat=True)
        seconds = [(at - killed_at).total_seconds() for at in claims if at]
        wait_for(all_ended)
    assert not Run.objects.exclude(state="succeeded").exists()
    forget_runs()
    return seconds


def _held_by(pid: int) -> list[UUID]:
    """The runs leased to the processes of this worker."""
    family = {str(process.pid) for process in psutil.Process(pid).children(recursive=True)}
    running_now = Run.objects.filter(state="running").values_list("pk", "worker")
    return [run for run, worker in running_now if worker.split(":")[1] in family]


def _now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
