"""The peers that keep their jobs in Postgres: an environment of their own, a database for each, and the contest.

A peer is a module that the Python of that environment runs with the words

    prepare JOBS    make its tables, and so many jobs that do nothing
    work            import everything, print `ready`, wait for a line; then work until no job is left, and print
                    how many seconds of processor time that took

and a statement that tells, from what the peer itself keeps, how many jobs it did and how many seconds lie between the
first one's start and the last one's end. Its processes begin together when all are ready: none is measured starting.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg
from django.db import connection

from tests.benchmarks.cpu import spent_by_postgres
from tests.benchmarks.measuring import Measure
from tests.benchmarks.processes import ROOT, environment

_DATABASE = "ordinaut_peer"
_REQUIREMENTS = ROOT / "requirements" / "bench.txt"
_HOME = ROOT / ".venv" / "peers"  # it goes when .venv is built anew
_SECONDS = 120  # for all the jobs of one contest


class PeerFailed(Exception):
    """What the peer said."""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """`jobs`: so many that a contest takes some seconds. `done`: SQL for the number of jobs done, and the seconds."""

    title: str
    module: str
    jobs: int
    done: str

    def measure(self, python: Path, *, processes: int, log: Path) -> Measure:
        """Raises `PeerFailed`."""
        with _database() as url, log.open("w+") as complaints:
            contest = _Contest(self, python, url, complaints)
            contest.prepare()
            spent = contest.work(processes)
            with psycopg.connect(url) as kept:
                done, seconds = kept.execute(self.done).fetchone() or (0, 0)
        if done != self.jobs:
            raise PeerFailed(f"{done} of {self.jobs} jobs were done")
        return Measure(done / float(seconds), spent / done * 1e6)


PEERS = (
    Peer(
        title="PgQueuer, batches of 100",
        module="pgqueuer_peer",
        jobs=int(os.environ.get("BENCH_PGQUEUER_JOBS", "50000")),
        done="SELECT count(*) FILTER (WHERE status = 'successful'), extract(epoch FROM max(created) FILTER"
        " (WHERE status = 'successful') - min(created) FILTER (WHERE status = 'picked')) FROM pgqueuer_log",
    ),
    Peer(
        title="Procrastinate",
        module="procrastinate_peer",
        jobs=int(os.environ.get("BENCH_PROCRASTINATE_JOBS", "3000")),
        done="SELECT count(*) FILTER (WHERE type = 'succeeded'), extract(epoch FROM max(at) FILTER"
        " (WHERE type = 'succeeded') - min(at) FILTER (WHERE type = 'started')) FROM procrastinate_events",
    ),
    Peer(
        title="Django Tasks, database backend",
        module="django_tasks_peer",
        jobs=int(os.environ.get("BENCH_DJANGO_TASKS_JOBS", "3000")),
        done="SELECT count(*) FILTER (WHERE status = 'SUCCESSFUL'), extract(epoch FROM max(finished_at) - min(started_at))"
        " FROM django_tasks_database_dbtaskresult",
    ),
)


def python_of_peers() -> Path | None:
    """The Python of the peers' environment, built at its first use; None, and why is printed, when that is impossible."""
    python, stamp, wanted = _HOME / "bin" / "python", _HOME / "installed.txt", _REQUIREMENTS.read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    uv = ROOT / ".venv" / "bin" / "uv"
    for command in (
        [uv, "venv", "--quiet", "--clear", "--python", ROOT / ".venv" / "bin" / "python", _HOME],
        [uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", _REQUIREMENTS],
    ):
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"\nWithout {', '.join(peer.title for peer in PEERS)}: {getattr(error, 'stderr', None) or error}")
            return None
    stamp.write_text(wanted)
    return python


class _Contest:
    def __init__(self, peer: Peer, python: Path, url: str, complaints: IO[str]) -> None:
        self._peer = peer
        self._command = [str(python), "-W", "ignore", "-m", f"tests.benchmarks.peers.{peer.module}"]
        self._environment = os.environ | {"DATABASE_URL": url}
        self._complaints = complaints

    def prepare(self) -> None:
        process = self._start("prepare", str(self._peer.jobs))
        process.communicate(timeout=_SECONDS)
        self._check(process)
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")

    def work(self, processes: int) -> float:
        """Seconds of processor time, of so many processes and of Postgres, until no job is left."""
        workers = [self._start("work") for _ in range(processes)]
        try:
            for worker in workers:
                if worker.stdout.readline().strip() != "ready":
                    worker.wait(_SECONDS)
                    self._check(worker)
            before = spent_by_postgres()
            for worker in workers:
                worker.stdin.write("go\n")
                worker.stdin.flush()
            spent = sum(self._ended(worker) for worker in workers)
            return spent + spent_by_postgres() - before
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()

    def _ended(self, worker: subprocess.Popen[str]) -> float:
        try:
            said, _ = worker.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            raise PeerFailed(f"not done with {self._peer.jobs} jobs in {_SECONDS} s") from None
        self._check(worker)
        return float(said)

    def _check(self, process: subprocess.Popen[str]) -> None:
        if process.returncode:
            self._complaints.seek(0)
            raise PeerFailed(self._complaints.read()[-3000:])

    def _start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._command, *words],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
        )


@contextmanager
def _database() -> Iterator[str]:
    """The URL of an empty one, on the Postgres of the session."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {_DATABASE}")
    try:
        yield environment(database=_DATABASE)["DATABASE_URL"]
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {_DATABASE} WITH (FORCE)")
