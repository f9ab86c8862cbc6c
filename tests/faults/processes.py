"""One process of the platform, or one of its servers, as a fault test handles it.

Start processes from the test's own thread only: on Linux a child dies with the thread that started it.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from ordinaut_site import children

_STOP_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a process is started: so that another can be, in its place."""

    role: str  # worker, beat, web, postgres, redis
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path | None
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL


class Process:
    """Started by its creation. Every fault answers the moment (UTC) at which it was done."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        with recipe.log.open("ab") as output:
            self._popen = children.spawn(
                recipe.command,
                environment=recipe.environment,
                output=output,
                death_signal=recipe.death_signal,
                folder=recipe.folder,
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    @property
    def threads(self) -> int:
        return psutil.Process(self.pid).num_threads()

    @property
    def log(self) -> str:
        return self.recipe.log.read_text(errors="replace")

    def pool(self) -> list[psutil.Process]:
        """A worker's pool processes, the oldest first: those that carry out runs."""
        found = psutil.Process(self.pid).children(recursive=True)
        return sorted(found, key=lambda process: (process.create_time(), process.pid))

    def family(self) -> set[int]:
        """Its pid and those of its pool: a run's `worker` names one of them."""
        return {self.pid, *(process.pid for process in self.pool())}

    def kill(self) -> datetime:
        """SIGKILL to it and to its pool, as when the machine is lost."""
        os.killpg(self.pid, signal.SIGKILL)
        killed_at = datetime.now(UTC)
        self._popen.wait(_STOP_SECONDS)
        return killed_at

    def kill_main(self) -> datetime:
        """SIGKILL to the main process alone: of Postgres, or of a worker whose pool is left behind."""
        self._popen.kill()
        killed_at = datetime.now(UTC)
        self._popen.wait(_STOP_SECONDS)
        return killed_at

    def kill_one_of_pool(self, number: int = 0) -> tuple[int, datetime]:
        """SIGKILL to one pool process, as the kernel does when memory is short; its pid, and when."""
        victim = self.pool()[number]
        victim.kill()
        return victim.pid, datetime.now(UTC)

    def pause(self) -> datetime:
        """SIGSTOP to it and to its pool."""
        os.killpg(self.pid, signal.SIGSTOP)
        return datetime.now(UTC)

    def go_on(self) -> datetime:
        os.killpg(self.pid, signal.SIGCONT)
        return datetime.now(UTC)

    def send(self, number: signal.Signals) -> datetime:
        self._popen.send_signal(number)
        return datetime.now(UTC)

    def stop(self) -> float:
        """Ask it to end as an operator would; the seconds until it had. Killed, and an error, after thirty."""
        if not self.alive:
            return 0.0
        begun = time.monotonic()
        self._popen.send_signal(self.recipe.stop_signal)
        try:
            self._popen.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.recipe.role} did not stop:\n{self.log[-3000:]}") from None
        return time.monotonic() - begun

    def end(self) -> None:
        """For the end of a test: whatever state it is in, it is gone afterwards."""
        if self.alive:
            os.killpg(self.pid, signal.SIGCONT)
            self._popen.send_signal(self.recipe.stop_signal)
            try:
                self._popen.wait(_STOP_SECONDS / 3)
            except subprocess.TimeoutExpired:
                self.kill()
