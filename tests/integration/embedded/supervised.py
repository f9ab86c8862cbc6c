"""A supervisor in a process of its own, for tests to talk to.

As a script: `supervised.py <JSON>` keeps the programs that the JSON lists, each `{"name", "code", "server"}` with
Python code to run, and stops after `stop_seconds` at most.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[3]


class Supervised:
    """What the test sees of it: its process and its log."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    def lines(self) -> list[str]:
        return self._log.read_text().splitlines()

    def wait_for(self, line: str, *, times: int = 1, seconds: float = 20) -> None:
        until(lambda: self.lines().count(line) >= times, seconds=seconds, otherwise=lambda: str(self.lines()))

    def value_after(self, prefix: str) -> int:
        """The number in the newest line that begins so."""
        until(lambda: any(line.startswith(prefix) for line in self.lines()), otherwise=lambda: str(self.lines()))
        return int([line for line in self.lines() if line.startswith(prefix)][-1].removeprefix(prefix))

    def stop(self, number: signal.Signals = signal.SIGINT) -> float:
        """Ask it to stop; answer how many seconds it took."""
        begun = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(30)
        return time.monotonic() - begun


@contextmanager
def supervised(folder: Path, programs: Sequence[dict[str, Any]], *, stop_seconds: float = 10) -> Iterator[Supervised]:
    log = folder / "log"
    description = json.dumps({"programs": list(programs), "stop_seconds": stop_seconds})
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, description], cwd=ROOT, stdout=output, stderr=output
        )
    try:
        yield Supervised(process, log)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


def until(
    condition: Callable[[], bool], *, seconds: float = 20, otherwise: Callable[[], str] = lambda: "it did not happen"
) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Whether it ended; a dead process whose parent has not looked yet counts as ended."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def main(description: dict[str, Any]) -> int:
    from ordinaut_site import supervisor
    from ordinaut_site.output import Output

    supervisor.STOP_SECONDS = description["stop_seconds"]
    names = [program["name"] for program in description["programs"]]
    try:
        with supervisor.Supervisor(Output(sys.stdout.buffer, names=names, coloured=False)) as kept:
            for program in description["programs"]:
                command = (sys.executable, "-u", "-c", program["code"])
                server = program.get("server", False)
                kept.keep(
                    supervisor.Program(name=program["name"], command=command, environment=os.environ, server=server)
                )
            kept.serve()
    except supervisor.StopAsked:
        return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
