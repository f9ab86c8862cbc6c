"""Claims: how one process takes runs from the queue: not more at a time than Postgres bears, and from where it left off."""

import time
from datetime import timedelta

from tasks_app import queue
from tasks_app.execution.claim_floors import ClaimFloors
from tasks_app.execution.pace import Pace
from tasks_app.execution.portion import Portion


class Claims:
    def __init__(self, *, worker: str, lease: timedelta, most: int) -> None:
        self._worker = worker
        self._lease = lease
        self._floors = ClaimFloors()
        self._pace = Pace(most=most)
        self._portion = Portion(most=most)

    @property
    def most(self) -> int:
        """How many to take at one time now."""
        return min(self._pace.limit, self._portion.limit)

    def take(self, limit: int) -> list[queue.ClaimedRun]:
        floors = self._floors.current()
        asked = time.monotonic()
        claimed = queue.claim(worker=self._worker, limit=limit, lease=self._lease, floors=floors)
        took = time.monotonic() - asked
        self._floors.note(claimed, whole=not floors, full=len(claimed) == limit, took=took)
        self._pace.claimed(seconds=took)
        self._portion.claimed(len(claimed), seconds=took)
        return claimed

    def failed(self) -> None:
        """Postgres did not answer as it should."""
        self._pace.failed()
