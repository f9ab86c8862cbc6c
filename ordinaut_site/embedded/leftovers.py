"""Servers that outlived a killed supervisor: found by the data folder they work in, then taken down."""

import contextlib
import signal
from pathlib import Path

import psutil

_GRACE_SECONDS = 10


def take_down(data: Path, *, program: str, stop_signal: signal.Signals) -> int:
    """End every `program` whose working folder is `data`; answers how many there were.

    Postgres and Redis both work inside their data folder. A pid file proves nothing: its number may by now
    be another program's.
    """
    found = working_in(data, program=program)
    leaders = [process for process in found if not _has_parent_in(process, found)]
    for leader in leaders:
        _signal(leader, stop_signal)
    _, stubborn = psutil.wait_procs(found, timeout=_GRACE_SECONDS)
    for process in stubborn:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=_GRACE_SECONDS)
    return len(found)


def working_in(data: Path, *, program: str) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _works_in(process, data, program)]


def _works_in(process: psutil.Process, data: Path, program: str) -> bool:
    try:
        return process.cwd() == str(data) and process.name().startswith(program)
    except (psutil.Error, OSError):  # gone meanwhile, or another user's
        return False


def _has_parent_in(process: psutil.Process, found: list[psutil.Process]) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.ppid() in {other.pid for other in found}
    return False


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)  # psutil checks that the pid is still the same process
