"""Tick: turn the instants that have come into runs.

Due tasks are locked with SKIP LOCKED, their runs inserted, their cursors moved, in one transaction: any
number of beats may tick at once, and one that dies has done nothing. A task that was not looked after for a
while gets one run, for its newest instant; the older ones go into the ledger.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection, transaction

from tasks_app import faults, queue
from tasks_app.events import outbox, wakeup
from tasks_app.events.types import EventType
from tasks_app.models import SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tasks_app.states import SkipReason, TaskStatus, Trigger

BATCH: Final = 500
INSTANTS_A_ROUND: Final = 1000
CATCH_UP_WINDOW: Final = timedelta(hours=24)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What becomes of a task's instants that have come, and which instant is next (None: there is none)."""

    fires: datetime | None
    skipped: Sequence[tuple[datetime, SkipReason]]
    next_run_at: datetime | None


def run_once(*, batch: int = BATCH) -> dict[str, int]:
    with transaction.atomic():
        due = list(Task.objects.due().select_for_update(skip_locked=True)[:batch])
        if not due:
            return {"tasks": 0, "runs": 0, "skipped": 0, "more": False}
        now = database_now()
        planned = [(task, plan) for task in due if (plan := _plan_or_pause(task, now))]
        runs = queue.enqueue([_new_run(task, plan.fires) for task, plan in planned if plan.fires])
        skipped = _keep_ledger(planned)
        _move_cursors(planned)
        for task, plan in planned:
            if plan.next_run_at is None:
                _complete(task)
        faults.hit("before_tick_commit")
    if runs:
        wakeup.send()
    behind = any(plan.next_run_at and plan.next_run_at <= now for _, plan in planned)
    return {"tasks": len(due), "runs": len(runs), "skipped": skipped, "more": behind or len(due) == batch}


def plan(task: Task, now: datetime) -> Plan:
    """Decide on the instants of `task` up to `now`, by its misfire policy: the newest runs, the others are skipped."""
    assert task.next_run_at is not None
    first = task.next_run_at
    later = _instants(task, limit=1)
    if not later or later[0] > now:
        come, following = [first], later[0] if later else None
    else:
        instants = [first, *_instants(task, limit=INSTANTS_A_ROUND)]
        come = [instant for instant in instants if instant <= now]
        following = next((instant for instant in instants if instant > now), None)
        if following is None and len(instants) > INSTANTS_A_ROUND:
            following = come.pop()  # there are more than fit into one round: the next goes on from here
    caught_up = following is None or following > now
    oldest_to_fire = now - CATCH_UP_WINDOW
    fires = come[-1] if caught_up and task.status == TaskStatus.ACTIVE and come[-1] >= oldest_to_fire else None
    skipped = [(instant, _reason(task, instant, oldest_to_fire)) for instant in come if instant != fires]
    return Plan(fires, skipped, following)


def _instants(task: Task, *, limit: int) -> list[datetime]:
    """The instants after the cursor, in UTC: two readings of one zone compare without their offsets."""
    assert task.next_run_at is not None
    return [instant.astimezone(UTC) for instant in task.schedule.after(task.next_run_at, limit=limit)]


def _reason(task: Task, instant: datetime, oldest_to_fire: datetime) -> SkipReason:
    if task.status == TaskStatus.PAUSED:
        return SkipReason.PAUSED
    return SkipReason.COALESCED if instant >= oldest_to_fire else SkipReason.MISFIRED


def _plan_or_pause(task: Task, now: datetime) -> Plan | None:
    """A task whose schedule no longer makes sense (its zone was abolished, say) must not stop the others."""
    try:
        return plan(task, now)
    except Exception as error:  # whatever is wrong with one schedule: the tick of all of them hangs on this
        logger.exception("Task %s is paused: its schedule cannot be evaluated", task.pk)
        task.status, task.next_run_at = TaskStatus.PAUSED, None
        task.save(update_fields=["status", "next_run_at"])
        outbox.record(EventType.TASK_PAUSED, task, agent=task.created_by_id, reason=str(error))
        return None


def _new_run(task: Task, instant: datetime) -> queue.NewRun:
    return queue.NewRun(
        task=task.pk,
        task_version=task.version,
        agent=task.created_by_id,
        priority=task.priority,
        trigger=Trigger.SCHEDULE,
        scheduled_for=instant,
    )


def _keep_ledger(planned: Sequence[tuple[Task, Plan]]) -> int:
    rows = []
    for task, each in planned:
        rows += [SkippedOccurrence(task=task, scheduled_for=at, reason=reason) for at, reason in each.skipped]
        if each.skipped:
            (first, reason), (last, _) = each.skipped[0], each.skipped[-1]
            outbox.record(
                EventType.OCCURRENCE_SKIPPED,
                task,
                agent=task.created_by_id,
                reason=reason,
                count=len(each.skipped),
                first=first.isoformat(),
                last=last.isoformat(),
            )
    SkippedOccurrence.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return len(rows)


def _move_cursors(planned: Sequence[tuple[Task, Plan]]) -> None:
    """One statement for all: the rows are locked, and an update each would cost more than the planning."""
    cursors = [{"id": str(task.pk), "at": each.next_run_at and each.next_run_at.isoformat()} for task, each in planned]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE tasks_task AS task SET next_run_at = moved.at
              FROM json_to_recordset(%s) AS moved (id uuid, at timestamptz)
             WHERE task.id = moved.id
            """,
            [json.dumps(cursors)],
        )


def _complete(task: Task) -> None:
    """Its schedule has no further instant."""
    task.status, task.next_run_at = TaskStatus.COMPLETED, None
    task.save(update_fields=["status", "next_run_at"])
    outbox.record(EventType.TASK_COMPLETED, task, agent=task.created_by_id)
