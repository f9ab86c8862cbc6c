"""Expire: let the runs go on that have waited for somebody, or for an event, longer than their step does."""

from typing import Final

from tasks_app import waits

BATCH: Final = 1000


def run_once() -> dict[str, int]:
    expired = waits.expire(limit=BATCH)
    return {"expired": expired, "more": expired == BATCH}
