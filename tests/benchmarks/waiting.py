"""`waiting_server.py` in a process of its own, and the step that calls it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ordinaut_site.children import dying_with_us
from tests.benchmarks.cpu import spent_by
from tests.benchmarks.processes import ROOT


class WaitingServer:
    """Serves from its creation until `close`. `address` is as `ORDINAUT_HTTP_ALLOW` has it."""

    def __init__(self, seconds: float) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.waiting_server", str(seconds)]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=dying_with_us(signal.SIGKILL),  # noqa: PLW1509 - see there
        )
        assert self._process.stdout is not None
        self.address = f"127.0.0.1:{self._process.stdout.readline().strip()}"
        self.url = f"http://{self.address}/"

    def spent(self) -> float:
        """Seconds of processor time so far."""
        return spent_by([self._process.pid])

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@contextmanager
def waiting_server(seconds: float) -> Iterator[WaitingServer]:
    server = WaitingServer(seconds)
    try:
        yield server
    finally:
        server.close()


def call_of(server: WaitingServer) -> dict[str, Any]:
    return {"id": "call", "uses": "http.request", "with": {"url": server.url}}
