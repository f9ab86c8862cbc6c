"""Promote: queue the runs whose waiting is over: a retry's delay, a sleep, a late start."""

from typing import Final

from tasks_app import queue
from tasks_app.events import wakeup

BATCH: Final = 1000


def run_once() -> dict[str, int]:
    promoted = queue.promote(limit=BATCH)
    if promoted:
        wakeup.send()
    return {"promoted": promoted, "more": promoted == BATCH}
