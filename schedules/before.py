"""Which instant was the last before a moment. Schedules are read forwards only, so it is searched for."""

from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Final

from schedules.timing import Timing

_SECOND: Final = timedelta(seconds=1)
_WIDEST: Final = timedelta(days=50_000)
_EARLIEST: Final = datetime(1800, 1, 1, tzinfo=UTC)


def last_before(moment: datetime, *, timing: Timing) -> datetime | None:
    """The last nominal instant (UTC) before `moment` (UTC); None when there is none within some 136 years.

    A window that ends at the moment is widened until it holds an instant, and then halved until it holds no others.
    """

    def holds(width: timedelta) -> bool:
        found = next(timing.after(moment - width), None)
        return found is not None and found.at < moment

    widest = min(_WIDEST, moment - _EARLIEST)
    width = _SECOND
    while not holds(width):
        if width == widest:
            return None
        width = min(width * 4, widest)
    empty = timedelta()
    while width - empty > _SECOND:
        middle = (width + empty) / 2
        if holds(middle):
            width = middle
        else:
            empty = middle
    *_, last = takewhile(lambda each: each.at < moment, timing.after(moment - width))
    return last.at
