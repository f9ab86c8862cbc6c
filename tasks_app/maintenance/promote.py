"""Promote: queue the runs whose waiting is over: a retry's delay, a sleep, a late start, and any turn that was overlooked.

And give up those that have waited for a worker longer than their task allows, or for somebody longer than their step does.
"""

from typing import Final

from tasks_app import admission, event_waits, queue, waits
from tasks_app.events import wakeup

BATCH: Final = 1000


def run_once() -> dict[str, int]:
    given_up = queue.give_up_unclaimed(limit=BATCH)
    told = event_waits.let_go(limit=BATCH)
    expired = waits.expire(limit=BATCH)
    promoted = queue.promote(limit=BATCH)
    admitted = admission.admit(admission.overlooked(limit=BATCH))
    if promoted or admitted:
        wakeup.send()
    return {
        "promoted": promoted,
        "admitted": admitted,
        "told": told,
        "expired": expired,
        "given_up": given_up,
        "more": BATCH in (promoted, expired, given_up),
    }
