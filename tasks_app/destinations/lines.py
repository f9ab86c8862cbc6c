"""Lines: calls under a rate go one after the other, and those that cannot go soon get in line.

The generic cell rate algorithm in its form of virtual scheduling (ITU-T I.371, annex A), without tolerance: each call moves
the time at which the next one may begin on by the rate's interval. A second time, of the line, spaces out those that
come back later. To be in line is a place, no right: the slot itself is taken when the call begins, so what comes back
late, all at once or never takes nothing from the others.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import orjson

from tasks_app.destinations import statements
from tasks_app.queue_sql import execute
from tasks_app.rate_limits import RateLimit

PATIENCE: Final = timedelta(seconds=1)  # that a call waits in place
PATIENCE_IN_LINE: Final = timedelta(seconds=2)  # runs are woken once a second, so they come back in small crowds


def take_slot(limits: Sequence[RateLimit], *, in_line: bool) -> float | None:
    """Reserve the next slot of all the limits together. Answers the seconds until it, None if it is too far ahead.

    in_line: the call has waited in line and its time has come; another must first get in line if there is one.
    """
    rates = _json(limits)
    execute(statements.ADD_LINES, {"rates": rates})
    patience = PATIENCE_IN_LINE if in_line else PATIENCE
    taken = execute(statements.TAKE_SLOT, {"rates": rates, "in_line": in_line, "patience": patience})
    return max(taken[0][0], 0.0) if taken else None


def get_in_line(limits: Sequence[RateLimit], *, not_before: float = 0.0) -> float:
    """Take a place in the line of each limit. Answers the seconds until the last of them, at least `not_before`."""
    rates = _json(limits)
    execute(statements.ADD_LINES, {"rates": rates})
    places = execute(statements.GET_IN_LINE, {"rates": rates, "not_before": not_before})
    return float(max(seconds for (seconds,) in places))


def _json(limits: Sequence[RateLimit]) -> str:
    return orjson.dumps([{"name": limit.name, "seconds": limit.seconds} for limit in limits]).decode()
