"""Several real beat processes of the platform, which a test kills, pauses and starts again."""

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

from ordinaut_site import children

ROOT = Path(__file__).resolve().parents[3]


def environment() -> dict[str, str]:
    """The servers of the test session, and the test's own database on them."""
    url = urlsplit(settings.DATABASE_URL)
    return os.environ | {"DATABASE_URL": urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))}


class Beats:
    """Beat processes by number; a killed one is started again under its number."""

    def __init__(self, log: Path, **more: str) -> None:
        self.log = log
        self._environment = environment() | more
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, number: int) -> None:
        for _ in range(number):
            self._processes.append(self._spawn())

    def kill(self, number: int) -> None:
        process = self._processes[number]
        process.kill()
        process.wait()
        self._processes[number] = self._spawn()

    def pause(self, number: int) -> None:
        self._processes[number].send_signal(signal.SIGSTOP)

    def go_on(self, number: int) -> None:
        self._processes[number].send_signal(signal.SIGCONT)

    def end(self) -> None:
        for process in self._processes:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self._processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return children.spawn(
                [sys.executable, "-m", "celery", "-A", "ordinaut_site", "--quiet", "beat", "--loglevel", "WARNING"],
                environment=self._environment,
                output=output,
                death_signal=signal.SIGKILL,
                folder=ROOT,
            )


@contextmanager
def beating(number: int, *, log: Path, **more: str) -> Iterator[Beats]:
    """So many beats, in an environment with `more` in it; all are ended in the end."""
    beats = Beats(log, **more)
    try:
        beats.start(number)
        yield beats
    finally:
        beats.end()


def until(holds: Callable[[], bool], *, log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
