"""Processes of the platform that a test kills, pauses and lets go on."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.beat.beats import ROOT, environment


def spawn(module: str, *arguments: object, log: Path) -> subprocess.Popen[bytes]:
    """`python -m module arguments`, on the test's own servers; what it says is added to `log`."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with log.open("ab") as output:
        return subprocess.Popen(command, env=environment(), cwd=ROOT, stdout=output, stderr=output)


@contextmanager
def ended(processes: list[subprocess.Popen[bytes]]) -> Iterator[None]:
    """However the test ends, no process of the list outlives it."""
    try:
        yield
    finally:
        for process in processes:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def wait_until_stopped(process: subprocess.Popen[bytes]) -> None:
    """It has sent itself SIGSTOP."""
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status), f"it ended: {status}"


def wait_for(happened: Callable[[], object], *, seconds: float = 80) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)
