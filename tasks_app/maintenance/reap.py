"""Reap: take runs back from workers that stopped renewing their leases, and note which of those have fallen silent."""

from typing import Final

from prometheus_client import Counter

from tasks_app import queue, workers
from tasks_app.conf import conf
from tasks_app.events import wakeup
from tasks_app.states import RunState

BATCH: Final = 500

_expired = Counter(
    "orchestrator_leases_expired_total", "Runs taken back from a worker that stopped renewing.", ["state"]
)


def run_once() -> dict[str, int]:
    states = queue.reap(limit=BATCH)
    for state in states:
        _expired.labels(state).inc()
    if RunState.QUEUED in states:
        wakeup.send()
    return {
        "lost_workers": workers.lose_silent(after=conf().lease),
        "requeued": states.count(RunState.QUEUED),
        "dead": states.count(RunState.DEAD),
        "more": len(states) == BATCH,
    }
