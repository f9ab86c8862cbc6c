"""http.request in a run of one step, with a real clock."""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pipelines import Catalogue, StepError, execute, parse
from pipelines.egress.addresses import Resolve
from pipelines.tools.http_request import http_request
from tests.unit.pipelines.fakes import MemoryJournal


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


def call(
    given: dict[str, Any],
    *,
    allow: Sequence[str] = (),
    resolve: Resolve | None = None,
    timeout_seconds: float = 5,
    journal: MemoryJournal | None = None,
) -> Any:
    """The step's output, or its `StepError`."""
    step = {"id": "call", "uses": "http.request", "with": given, "timeout_seconds": timeout_seconds}
    journal = journal or MemoryJournal()
    tools = Catalogue([http_request(allow, resolve=resolve)])
    context = {"run": {"id": "run-1", "request_id": "request-1", "attempt": 2, "fence": 3}}
    execute(parse({"pipeline": [step]}), context, journal, tools, RealClock())
    [record] = journal.records
    return record.error or record.output


def error_of(given: dict[str, Any], **how: Any) -> StepError:
    error = call(given, **how)
    assert isinstance(error, StepError), error
    return error


class StoppingJournal(MemoryJournal):
    """Tells the run to stop `after` seconds from now."""

    def stop_after(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self._stop)
        timer.daemon = True
        timer.start()

    def _stop(self) -> None:
        self.stop = True
