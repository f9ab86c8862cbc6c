"""The decisions about many tasks, written down: runs, ledger rows, events and the tasks' cursors, in one transaction."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from tasks_app import admission, queue
from tasks_app.events import outbox
from tasks_app.events.types import EventType
from tasks_app.models import Run, SkippedOccurrence, Task
from tasks_app.models.clock import as_text
from tasks_app.planning import snoozes
from tasks_app.planning.budget import Budgets
from tasks_app.planning.decide import Fire, Plan, decide
from tasks_app.planning.new_run import new_run
from tasks_app.planning.standing import NOTHING, lane_of, standings
from tasks_app.planning.timing import attach_calendars, timing_of
from tasks_app.queue_sql import execute
from tasks_app.states import TaskStatus, Trigger

INSTANTS_A_TRANSACTION: Final = 10_000  # after a long outage a task may bring a thousand
SECONDS_A_TRANSACTION: Final = 5.0  # and some schedules take long to tell
_LONGEST_DETAIL: Final = 200

logger = logging.getLogger(__name__)


MOVE_CURSORS: Final = """
UPDATE tasks_task AS task
   SET next_run_at = moved.next, due_at = moved.due, occurrences = task.occurrences + moved.fired,
       deferred_to = coalesce(moved.deferred, task.deferred_to),
       planned_until = greatest(task.planned_until, least(%(now)s, moved.due - interval '1 microsecond'))
  FROM json_to_recordset(%(cursors)s) AS moved (id uuid, due timestamptz, next timestamptz, fired int,
                                                deferred timestamptz)
 WHERE task.id = moved.id
RETURNING task.id
"""


@dataclass(frozen=True)
class Advance:
    """How far it went: runs made, instants that went into the ledger, and whether some task has more that have come."""

    runs: int
    skipped: int
    behind: bool


def advance(tasks: Sequence[Task], *, now: datetime) -> Advance:
    """Decide on the instants of due tasks up to `now`. Their rows must be locked by the transaction under way.

    Stops short of the last tasks when there are more instants than one transaction should hold; they stay due.
    """
    attach_calendars(tasks)
    lock_dedupe_keys(tasks)
    standing = standings(tasks)
    made_under: set[tuple[UUID, str]] = set()
    budgets = Budgets(tasks, now=now)
    planned: list[tuple[Task, Plan]] = []
    instants, enough, enough_at = 0, False, time.monotonic() + SECONDS_A_TRANSACTION
    for task in tasks:
        if enough := instants >= INSTANTS_A_TRANSACTION or time.monotonic() > enough_at:
            break
        key = (task.created_by_id, task.dedupe_key)
        stands = standing.get(task.pk, NOTHING)
        try:
            plan = decide(
                task,
                timing_of(task),
                now=now,
                standing=replace(stands, repeated=True) if key in made_under else stands,
                afford=budgets.purse(task.created_by_id),
            )
        except Exception as error:  # noqa: BLE001  whatever is wrong with one schedule: the tick of all of them hangs on this
            pause_broken(task, error)
        else:
            planned.append((task, plan))
            if task.dedupe_key and plan.fires:
                made_under.add(key)
            instants += len(plan.fires) + len(plan.skips)
    end_runs([task for task, plan in planned if plan.ends_runs])
    runs = queue.enqueue([run for task, plan in planned for run in new_runs(task, plan.fires)])
    budgets.keep()
    skipped = keep_ledger(planned)
    _move_cursors(planned, now)
    _forget_snoozes(planned)
    for task, plan in planned:
        if plan.due_at is None and task.status != TaskStatus.PAUSED:  # else resuming it may still give it a run
            complete(task)
    behind = enough or any(plan.due_at and plan.due_at <= now for _, plan in planned)
    return Advance(len(runs), skipped, behind)


def lock_dedupe_keys(tasks: Sequence[Task]) -> None:
    """Whoever else makes a run under one of these keys meanwhile, by hand say, is looked at first or afterwards."""
    keys = sorted({dedupe_lock(task) for task in tasks if task.dedupe_key})
    if keys:
        admission.lock(*keys)


def dedupe_lock(task: Task) -> str:
    """What is locked while runs under the task's dedupe key are looked for and made."""
    return f"dedupe {task.created_by_id} {task.dedupe_key}"


def new_runs(
    task: Task, fires: Sequence[Fire], *, trigger: Trigger = Trigger.SCHEDULE, given: Any = None, request_id: str = ""
) -> list[queue.NewRun]:
    """The runs that a task's schedule gives, or that something gives which it answers to; `given` is their input."""
    return [
        new_run(
            task,
            trigger=trigger,
            scheduled_for=fire.at,
            start=fire.start,
            takes_turn=fire.takes_turn,
            input=given,
            request_id=request_id,
        )
        for fire in fires
    ]


def end_runs(tasks: Sequence[Task]) -> None:
    """Cancel what goes on in their lanes."""
    for task in tasks:
        going_on = Run.objects.of_lane(lane_of(task)).unfinished().values_list("pk", flat=True)
        queue.cancel(list(going_on), reason="The run of a later instant takes its place.")


def pause_broken(task: Task, error: Exception) -> None:
    """A task whose schedule no longer makes sense (its zone was abolished, say) must not stop the others."""
    logger.error("Task %s is paused: its schedule cannot be evaluated", task.pk, exc_info=error)
    task.status, task.next_run_at, task.due_at = TaskStatus.PAUSED, None, None
    task.save(update_fields=["status", "next_run_at", "due_at"])
    outbox.record(EventType.TASK_PAUSED, task, agent=task.created_by_id, reason=str(error))


def keep_ledger(planned: Sequence[tuple[Task, Plan]]) -> int:
    """Write down the instants that make no run, and say so; how many they are."""
    rows = []
    for task, plan in planned:
        rows += [
            SkippedOccurrence(
                task=task,
                scheduled_for=skip.at,
                reason=skip.reason,
                detail=skip.detail[:_LONGEST_DETAIL],
                moved_to=skip.moved_to,
            )
            for skip in plan.skips
        ]
        if plan.skips:
            outbox.record(
                EventType.OCCURRENCE_SKIPPED,
                task,
                agent=task.created_by_id,
                reason=plan.skips[0].reason,
                count=len(plan.skips),
                first=as_text(plan.skips[0].at),
                last=as_text(plan.skips[-1].at),
            )
    SkippedOccurrence.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return len(rows)


def _move_cursors(planned: Sequence[tuple[Task, Plan]], now: datetime) -> None:
    """One statement for all: the rows are locked, and an update each would cost more than the planning."""
    cursors = [
        {
            "id": task.pk,
            "due": plan.due_at,
            "next": plan.next_run_at,
            "fired": len(plan.fires),
            "deferred": max((fire.start for fire in plan.fires if fire.deferred), default=None),
        }
        for task, plan in planned
    ]
    execute(MOVE_CURSORS, {"now": now, "cursors": orjson.dumps(cursors).decode()})


def _forget_snoozes(planned: Sequence[tuple[Task, Plan]]) -> None:
    """Those that lie behind: a task without them is planned faster."""
    over = [task.pk for task, plan in planned if task.snoozes and snoozes.are_over(task, until=plan.due_at)]
    if over:
        Task.objects.filter(pk__in=over).update(snoozes=None)


def complete(task: Task) -> None:
    """Its schedule has no further instant."""
    task.status, task.next_run_at, task.due_at = TaskStatus.COMPLETED, None, None
    task.save(update_fields=["status", "next_run_at", "due_at"])
    outbox.record(EventType.TASK_COMPLETED, task, agent=task.created_by_id)
