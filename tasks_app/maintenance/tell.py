"""Tell: say what was published to those that wait for it, and let them go on, where there was no time for it right after."""

from typing import Final

from tasks_app import event_waits

BATCH: Final = 1000


def run_once() -> dict[str, int]:
    """Give each agent whose waits are to be told something a slice of time. Answers how many waits are over."""
    left = [event_waits.tell(agent).more for agent in event_waits.agents_to_tell()]
    told = event_waits.let_go(limit=BATCH)
    return {"told": told, "more": told == BATCH or any(left)}
