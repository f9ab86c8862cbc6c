"""How the runs of a task went: counts, the rate of success, and how long they took."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection

from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Task
from tasks_app.models.clock import database_now
from tasks_app.models.ids import oldest_id
from tasks_app.services import local_times
from tasks_app.states import REDRIVABLE, RunState

USUAL_DAYS: Final = 30
MOST_DAYS: Final = 366
MOST_RUNS: Final = 100_000  # that are looked at

# A key begins with the time it was made at, so the index of a task's runs, which is in their order, bounds the window, too.
_STATS: Final = """
SELECT state, simulated, grouping(state) = 1 AS total, count(*),
       percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY seconds) AS took
  FROM (SELECT state, simulated,
               CASE WHEN state = ANY(%(timed)s)
                    THEN extract(epoch FROM finished_at - started_at)::float8 END AS seconds
          FROM tasks_run
         WHERE task_id = %(task)s AND id >= %(oldest)s AND id < %(newest)s
         ORDER BY id DESC
         LIMIT %(most)s) AS run
 GROUP BY GROUPING SETS ((state, simulated), (simulated))
"""
_ENDED: Final = frozenset({RunState.SUCCEEDED, *REDRIVABLE})


@dataclass(frozen=True, kw_only=True)
class Stats:
    """Of the runs that were made from `after` up to, not including, `before`.

    runs: all that were looked at, by state in `by_status`, without the `simulated` ones. success_rate: how many of those that
    succeeded, failed, timed out or are dead have succeeded; None without any. p50, p95: seconds from the first beginning to the
    end of those that succeeded, failed or timed out. truncated: there are more than were looked at, which were the newest.
    """

    after: datetime
    before: datetime
    runs: int
    by_status: dict[str, int]
    simulated: int
    success_rate: float | None
    p50: float | None
    p95: float | None
    truncated: bool


def stats(
    task: Task, *, after: datetime | None = None, before: datetime | None = None, days: int | None = None
) -> Stats:
    """Those of the window, or of the last `days`; by one statement, from one index.

    Raises `InvalidRequest` for a window that is empty or too wide, and for both ways of naming it at once.
    """
    named = {"after": after, "before": before}
    after, before = (at and local_times.instant(at, name, timezone=task.timezone) for name, at in named.items())
    start, end = _window(after, before, days)
    rows = _rows(task.pk, start, end)
    live = {state: number for state, simulated, total, number, _ in rows if not (total or simulated)}
    by_status = {state.value: live.get(state.value, 0) for state in RunState}
    ended = sum(by_status[state] for state in _ENDED)
    p50, p95 = next((took for _, simulated, total, _, took in rows if total and not simulated), None) or (None, None)
    simulated_runs = sum(number for _, simulated, total, number, _ in rows if total and simulated)
    looked_at = sum(live.values()) + simulated_runs
    return Stats(
        after=start,
        before=end,
        runs=sum(live.values()),
        by_status=by_status,
        simulated=simulated_runs,
        success_rate=by_status[RunState.SUCCEEDED] / ended if ended else None,
        p50=p50,
        p95=p95,
        truncated=looked_at == MOST_RUNS,
    )


def _window(after: datetime | None, before: datetime | None, days: int | None) -> tuple[datetime, datetime]:
    if days is not None and (after or before):
        raise InvalidRequest(Fault("/days", "Give either `days`, or `after` and `before`."))
    end = before or database_now()
    span = timedelta(days=days or USUAL_DAYS)
    start = after or end - span
    if start >= end:
        raise InvalidRequest(Fault("/after", "It must be earlier than `before`, which is now if it is left out."))
    if end - start > timedelta(days=MOST_DAYS):
        raise InvalidRequest(Fault("/after", f"Ask for {MOST_DAYS} days at most."))
    return start, end


def _rows(task: UUID, start: datetime, end: datetime) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _STATS,
            {
                "task": task,
                "oldest": oldest_id(start),
                "newest": oldest_id(end + timedelta(milliseconds=1)),
                "most": MOST_RUNS,
                "timed": [RunState.SUCCEEDED, RunState.FAILED, RunState.TIMED_OUT],
            },
        )
        return list(cursor.fetchall())
