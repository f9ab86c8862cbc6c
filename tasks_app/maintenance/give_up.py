"""Give up: time out the runs that have waited for a worker longer than their task allows."""

from typing import Final

from tasks_app import queue

BATCH: Final = 1000


def run_once() -> dict[str, int]:
    given_up = queue.give_up_unclaimed(limit=BATCH)
    return {"given_up": given_up, "more": given_up == BATCH}
