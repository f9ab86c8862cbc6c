"""A real worker, processes and all, on the test's database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[3]
Start = Callable[..., "RealWorker"]


class RealWorker:
    """A Celery worker with its pool."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def said(self) -> str:
        return self._log.read_text(errors="replace")


@pytest.fixture
def start_worker(redis_emptied: None, tmp_path: Path) -> Iterator[Start]:
    """Starts a worker that knows harmful tools too, and stops it at the end; further variables may be given."""
    with ExitStack() as stack:

        def start(*, processes: int = 1, **variables: str) -> RealWorker:
            return stack.enter_context(_running(tmp_path / "worker.log", processes, variables))

        yield start


@contextmanager
def _running(log: Path, processes: int, variables: dict[str, str]) -> Iterator[RealWorker]:
    url = urlsplit(settings.DATABASE_URL)
    environment = os.environ | {
        "DATABASE_URL": urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}")),
        "ORDINAUT_WORKER_PROCESSES": str(processes),
        "ORDINAUT_STOP_SECONDS": "1",
        "PYTHONWARNINGS": "ignore",
    }
    command = ["celery", "--quiet", "-A", "tests.integration.supervision.harmful", "worker", "--without-mingle"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--without-gossip", "--without-heartbeat"],
            cwd=ROOT,
            env=environment | variables,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield RealWorker(process, log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def until(condition: Callable[[], object], *, seconds: float = 30, every: float = 0.1) -> float:
    """Wait for a condition that another process brings about; answers how many seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(every)
    return time.monotonic() - began
