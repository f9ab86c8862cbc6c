"""What a look at a condition means: whether it has just become true, and whether that makes a run. Plain values.

before     seen      outcome
───────────────────────────────────────────────────────────
any        unknown   what was known before stays, and the error is shown
any        false     false
true       true      still true: nothing more
other      true      true, and an edge: a run, or `cooldown` when the last run it made is too recent
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Edge(StrEnum):
    """What a look asks for."""

    NONE = "none"
    RUN = "run"
    COOLDOWN = "cooldown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """met: what is known of the condition from now on; None when nobody has found it out yet."""

    met: bool | None
    edge: Edge = Edge.NONE


def judge(
    *, before: bool | None, seen: bool | None, at: datetime, fired_at: datetime | None, cooldown: timedelta
) -> Verdict:
    """What follows from a look at `at` that has `seen` this; `before`: what was known. fired_at: the look of its last run."""
    if seen is None:
        return Verdict(before)
    if not seen or before:
        return Verdict(seen)
    cools_down = fired_at is not None and at < fired_at + cooldown
    return Verdict(True, Edge.COOLDOWN if cools_down else Edge.RUN)


def next_look(due_at: datetime, *, now: datetime, every: timedelta) -> datetime:
    """The first instant after `now` of the series that begins at `due_at`: looks that were missed are not made up for."""
    return due_at + max((now - due_at) // every + 1, 1) * every
