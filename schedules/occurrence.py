"""What one instant of a task is: when, and whether it makes a run."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

HOLIDAY: Final = "holiday"
DST_GAP: Final = "dst_gap"
BLACKOUT: Final = "blackout"
SNOOZED: Final = "snoozed"
Withheld = Literal["", "holiday", "dst_gap", "blackout", "snoozed"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One nominal instant of a task.

    at: the instant (UTC); with the task it is the key of the run or of the ledger row. start: when the run may begin (UTC),
    later than `at` by jitter and quiet hours. withheld: why it makes no run, empty if it does. detail: in words, such as the
    holiday's name. moved_from: the instant (UTC) on a holiday that was moved here. deferred: `start` is the end of quiet hours.
    snoozed_to: where to (UTC) somebody put it off, when it is withheld for that; snoozed_from: the instant that was put off to
    here.
    """

    at: datetime
    start: datetime
    withheld: Withheld = ""
    detail: str = ""
    moved_from: datetime | None = None
    deferred: bool = False
    snoozed_to: datetime | None = None
    snoozed_from: datetime | None = None
