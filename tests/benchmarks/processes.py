"""Worker processes for the benchmarks, on the servers and the database of the test session."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

from ordinaut_site import children

ROOT = Path(__file__).resolve().parents[2]
# As `make up` starts it; `-c` says how many processes.
WORKER = ("celery", "-A", "ordinaut_site", "worker", "--without-mingle", "--without-gossip")


def environment(*, database: str | None = None) -> dict[str, str]:
    """For child processes: the same servers, and on them the test's own database, or the one that is named."""
    url = urlsplit(settings.DATABASE_URL)
    path = f"/{database or connection.settings_dict['NAME']}"
    return os.environ | {"DATABASE_URL": urlunsplit(url._replace(path=path))}


@contextmanager
def running(
    *command: str, log: Path, more: Mapping[str, str] | None = None, python: Path | str = sys.executable
) -> Iterator[subprocess.Popen[bytes]]:
    """A process from the virtual environment, or of another `python`, of a group of its own, stopped by SIGTERM at the end, or by our death.

    `more` goes into its environment.
    """
    with log.open("wb") as output:
        process = children.spawn(
            [str(python), "-m", *command],
            environment=environment() | dict(more or {}),
            output=output,
            death_signal=signal.SIGTERM,
            folder=ROOT,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def wait_for(condition: Callable[[], bool], *, seconds: float = 300, every: float = 0.2) -> float:
    """Seconds until the condition holds. Each look costs the database something."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise TimeoutError("the benchmark did not finish")
        time.sleep(every)
    return time.monotonic() - began
