"""Promote: queue the runs whose waiting is over: a retry's delay, a sleep, a late start, and any turn that was overlooked."""

from typing import Final

from tasks_app import admission, queue
from tasks_app.events import wakeup

BATCH: Final = 1000


def run_once() -> dict[str, int]:
    promoted = queue.promote(limit=BATCH)
    admitted = admission.admit(admission.overlooked(limit=BATCH))
    if promoted or admitted:
        wakeup.send()
    return {"promoted": promoted, "admitted": admitted, "more": promoted == BATCH}
