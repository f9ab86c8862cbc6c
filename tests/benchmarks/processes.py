"""Worker processes for the benchmarks, on the servers and the database of the test session."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    """For child processes: the same servers, and the test's own database on them."""
    url = urlsplit(settings.DATABASE_URL)
    return os.environ | {"DATABASE_URL": urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))}


@contextmanager
def running(*command: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process from the virtual environment, stopped by SIGTERM at the end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment(), stdout=output, stderr=output
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(condition: Callable[[], bool], *, seconds: float = 300) -> float:
    """Seconds until the condition holds."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise TimeoutError("the benchmark did not finish")
        time.sleep(0.2)  # each look costs the database something
    return time.monotonic() - began
