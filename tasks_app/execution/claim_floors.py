"""Claim floors: from which place in the queue on a busy process looks for runs.

What was claimed leaves dead entries at the front of the claim's index, which Postgres clears away at once, unless somebody
holds a snapshot open: then every claim walks past all of them. A process with a backlog before it knows the place up to which
it has claimed and goes on from there. Runs that came to lie before that place (handed back, taken from a lost worker) are
found by a look at the whole queue, which happens every two seconds, and less often where it takes long.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from tasks_app.queue import ClaimedRun

_WHOLE_EVERY: Final = 2.0  # seconds
_WHOLE_SHARE: Final = 50  # a look at the whole queue that took a second is not repeated for so many
_WHOLE_LATEST: Final = 30.0  # seconds that a run may wait unseen, however long a look takes
_PRIORITIES: Final = 9


class ClaimFloors:
    def __init__(self) -> None:
        self._floors: list[datetime | None] = [None] * _PRIORITIES
        self._next_whole = 0.0

    def current(self) -> Sequence[datetime | None]:
        """The floors of the priorities 9 to 1; empty when the whole queue is to be looked at."""
        return list(self._floors) if time.monotonic() < self._next_whole else ()

    def note(self, claimed: Sequence[ClaimedRun], *, whole: bool, full: bool, took: float) -> None:
        """A claim has been made: of the `whole` queue or beyond the floors, of as many as asked for (`full`) or fewer."""
        if not full:  # no backlog: whatever lies before the floors is due now
            self._next_whole = 0.0
            return
        if whole:
            # Above the least urgent run of these nothing else is queued, and where it was once gone on from it still may be:
            # the dead entries of a priority that has been worked off are as many as of any other. Below, nobody has looked.
            looked_at = 1 + _PRIORITIES - min(run.priority for run in claimed)
            self._floors[looked_at:] = [None] * (_PRIORITIES - looked_at)
            self._next_whole = time.monotonic() + min(max(_WHOLE_EVERY, took * _WHOLE_SHARE), _WHOLE_LATEST)
        for run in claimed:
            self._floors[_PRIORITIES - run.priority] = run.fair_at
