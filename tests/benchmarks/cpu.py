"""Processor time: of processes with all that they started, and of the Postgres that serves the benchmark."""

from collections.abc import Iterable

import psutil
from django.db import connection


def spent_by(pids: Iterable[int]) -> float:
    """Seconds, user and system, of these processes and of their living descendants."""
    roots = [psutil.Process(pid) for pid in pids]
    return sum(_own(process) for root in roots for process in (root, *root.children(recursive=True)))


def spent_by_postgres() -> float:
    """Seconds of the whole server: of its living processes, and of the connections that have ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = psutil.Process(cursor.fetchone()[0]).parent()
    assert server is not None, "the benchmark's Postgres runs on another machine"
    ended = server.cpu_times()
    return sum(map(_own, (server, *server.children()))) + float(ended.children_user + ended.children_system)


def _own(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
