"""How fast a worker, or what stands in for it, goes through runs that appear at once: runs a second, processor time each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil
from django.db import connection, transaction

from tasks_app.events import stream
from tasks_app.models import Run, Task
from tests.benchmarks.cpu import spent_by, spent_by_postgres
from tests.benchmarks.filling import fill
from tests.benchmarks.processes import WORKER, running, wait_for
from tests.making import make_run

PLAIN_CELERY = "tests.benchmarks.peers.plain_celery"


@dataclass(frozen=True)
class Measure:
    """Of one contestant: how much it did in a second, and the processor time that each cost, in microseconds."""

    per_second: float
    cpu: float

    @classmethod
    def median_of(cls, measures: list["Measure"]) -> "Measure":
        return cls(median(each.per_second for each in measures), median(each.cpu for each in measures))


@contextmanager
def working(task: Task, *, processes: int, log: Path, **environment: str) -> Iterator[psutil.Process]:
    """A worker that has carried out a few runs of the task: every process of it is up, and idle."""
    with running(*WORKER, "-c", str(processes), log=log, more=environment) as worker:
        for _ in range(processes):
            make_run(task)
        wait_for(all_ended)
        yield psutil.Process(worker.pid)


def drained(pids: list[int], task: Task, *, runs: int, wake: Callable[[], None]) -> Measure:
    """Let so many runs of the task appear, and measure from the first claim to the last end, by the database's clock."""
    with transaction.atomic():
        fill(task, runs)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else looked at by the commit, and counted
        before = spent_by(pids) + spent_by_postgres()
    wake()
    wait_for(all_ended, every=1)  # each look reads the whole table
    spent = spent_by(pids) + spent_by_postgres() - before
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE state = 'succeeded'),"
            " extract(epoch FROM max(finished_at) - min(claimed_at))::float8 FROM tasks_run WHERE trigger = 'schedule'"
        )
        ended, succeeded, seconds = cursor.fetchone()
    assert ended == succeeded == runs, f"{ended - succeeded} of {ended} runs did not succeed"
    return Measure(runs / seconds, spent / runs * 1e6)


@contextmanager
def celery_working(*options: str, log: Path) -> Iterator[psutil.Process]:
    """A worker of the plain Celery that is our peer."""
    with running("celery", "-A", PLAIN_CELERY, "worker", "--without-mingle", *options, log=log) as worker:
        yield psutil.Process(worker.pid)


def consumed(pid: int, *, messages: int) -> Measure:
    """Measure the peer from when it has begun with its queue until that is empty and nothing is under way."""
    client = stream.client()
    wait_for(lambda: client.llen("peer") < messages)
    left, spent = int(client.llen("peer")), spent_by([pid])
    seconds = wait_for(lambda: not client.llen("peer") and not client.hlen("unacked"))
    return Measure(left / seconds, (spent_by([pid]) - spent) / left * 1e6)


def all_ended() -> bool:
    return not Run.objects.unfinished().exists()


def forget_runs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tasks_run, tasks_attempt, tasks_steplog, tasks_outboxentry CASCADE")
