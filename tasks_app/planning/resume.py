"""What becomes of the instants that passed while tasks were paused, once they go on."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from schedules.occurrence import Occurrence
from schedules.timing import Timing
from tasks_app import queue
from tasks_app.models import Task
from tasks_app.planning.advance import end_runs, lock_dedupe_keys, new_runs
from tasks_app.planning.budget import Budgets
from tasks_app.planning.decide import Plan, decide_on
from tasks_app.planning.standing import NOTHING, Standing, standings
from tasks_app.planning.timing import attach_calendars, timing_of
from tasks_app.queue_sql import execute
from tasks_app.states import ScheduleKind

_PASSED: Final = """
SELECT task.id, passed.scheduled_for
  FROM unnest(%(tasks)s::uuid[], %(since)s::timestamptz[], %(limits)s::int[]) AS task (id, since, most)
 CROSS JOIN LATERAL (
           SELECT scheduled_for
             FROM tasks_skippedoccurrence
            WHERE task_id = task.id
              AND reason = 'paused'
              AND scheduled_for >= task.since
            ORDER BY scheduled_for DESC
            LIMIT task.most) AS passed
 ORDER BY passed.scheduled_for
"""
_INSTEAD: Final = """
DELETE FROM tasks_skippedoccurrence AS row
 USING unnest(%(tasks)s::uuid[], %(instants)s::timestamptz[]) AS fired (task, at)
 WHERE row.task_id = fired.task AND row.scheduled_for = fired.at
RETURNING row.id
"""


def catch_up(tasks: Sequence[Task], *, now: datetime) -> int:
    """Give tasks that are active again the runs that their misfire policies grant; answers how many.

    An event that passed is over: a task that listens is given none. The ledger loses their rows: an instant ends as a run or as a
    row. The tasks must be locked; their fields `occurrences` and `deferred_to` are changed, and not written.
    """
    passed = _passed(tasks)
    behind = [task for task in tasks if task.pk in passed]
    if not behind:
        return 0
    attach_calendars(behind)
    lock_dedupe_keys(behind)
    standing, budgets = standings(behind), Budgets(behind, now=now)
    made_under: set[tuple[UUID, str]] = set()
    planned: list[tuple[Task, Plan]] = []
    for task in behind:
        key = (task.created_by_id, task.dedupe_key)
        stands = standing.get(task.pk, NOTHING)
        stands = replace(stands, repeated=True) if key in made_under else stands
        plan = _decided(task, passed[task.pk], now=now, standing=stands, budgets=budgets)
        planned.append((task, plan))
        if task.dedupe_key and plan.fires:
            made_under.add(key)
    end_runs([task for task, plan in planned if plan.ends_runs])
    budgets.keep()
    return _fire(planned)


def _passed(tasks: Sequence[Task]) -> dict[UUID, list[datetime]]:
    """The newest instants that passed while each was paused, as many as it may catch up with, ascending."""
    asked = [task for task in tasks if task.paused_at is not None and task.schedule_kind != ScheduleKind.EVENT]
    found: defaultdict[UUID, list[datetime]] = defaultdict(list)
    given = {
        "tasks": [task.pk for task in asked],
        "since": [task.paused_at for task in asked],
        "limits": [task.catch_up_limit for task in asked],
    }
    for task, at in execute(_PASSED, given) if asked else ():
        found[task].append(at)
    return found


def _decided(task: Task, passed: Sequence[datetime], *, now: datetime, standing: Standing, budgets: Budgets) -> Plan:
    timing = timing_of(task)
    afford = budgets.purse(task.created_by_id)
    return decide_on(_as_of(now, passed, timing), task=task, timing=timing, now=now, standing=standing, afford=afford)


def _fire(planned: Sequence[tuple[Task, Plan]]) -> int:
    fired = [(task, fire) for task, plan in planned for fire in plan.fires]
    execute(_INSTEAD, {"tasks": [task.pk for task, _ in fired], "instants": [fire.at for _, fire in fired]})
    for task, plan in planned:
        task.occurrences += len(plan.fires)
        task.deferred_to = max((fire.start for fire in plan.fires if fire.deferred), default=task.deferred_to)
    return len(queue.enqueue([run for task, plan in planned for run in new_runs(task, plan.fires)]))


def _as_of(now: datetime, instants: Sequence[datetime], timing: Timing) -> list[Occurrence]:
    """They begin now, or at the end of the quiet hours."""
    start = timing.quiet_hours.end_after(now, zone=timing.zone)
    return [Occurrence(at, start or at, deferred=start is not None) for at in instants]
