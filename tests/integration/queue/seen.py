"""What the database holds of all runs, and what is done once a transaction has committed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from tests.unit.queue_model.statements import Row


@dataclass(frozen=True)
class Seen:
    """A run in the database; `text`: all its columns. The ticks left are 1 for a lease that has not expired.

    The last character of a worker's name is its number.
    """

    counted: Row
    lane: str
    takes_turn: bool
    waiting_for: str
    run_at: datetime
    fair_at: datetime
    text: str


def seen_runs() -> dict[UUID, Seen]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, state, coalesce(lease_until > clock_timestamp(), false)::int, fence, attempt, losses, failures,
                   CASE worker WHEN '' THEN -1 ELSE right(worker, 1)::int END, coalesce(begun_fence, -1),
                   lane, takes_turn, waiting_for, run_at, fair_at, run::text
              FROM tasks_run AS run
            """
        )
        return {run: Seen(Row(*columns[:8]), *columns[8:]) for run, *columns in cursor.fetchall()}


class Commit:
    """Collects what is to be done after the commit, and does it, or dies before it could."""

    def __init__(self, *, asks: bool) -> None:
        self._asks = asks

    def __enter__(self) -> None:
        self._before = len(connection.run_on_commit)

    def __exit__(self, *_: object) -> None:
        due = connection.run_on_commit[self._before :]
        del connection.run_on_commit[self._before :]
        for _, act, _ in due:
            if self._asks:
                act()
