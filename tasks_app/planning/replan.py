"""Plan a task anew because what its fields refer to has changed: its calendar, the zone rules."""

import logging
from datetime import datetime, timedelta

from tasks_app.events import outbox
from tasks_app.events.types import EventType
from tasks_app.models import Task
from tasks_app.models.clock import as_text
from tasks_app.planning.advance import complete, pause_broken
from tasks_app.planning.cursor import place_cursor
from tasks_app.planning.lapse import lapse
from tasks_app.planning.standing import NOTHING, standings
from tasks_app.states import TaskStatus

logger = logging.getLogger(__name__)


def replan(task: Task, *, now: datetime, reason: str) -> bool:
    """Place the cursor of a planned, locked task by today's rules, and say so if its next instant moved.

    The cursor never moves back: what has its run or its ledger row keeps it.
    """
    assert task.due_at is not None
    due_before, next_before = task.due_at, task.next_run_at
    after = max(task.planned_until, min(now, due_before - timedelta(microseconds=1)))
    try:
        lapsed = lapse(task, passed=False)
        place_cursor(task, after=after, standing=standings([task]).get(task.pk, NOTHING))
    except Exception as error:  # noqa: BLE001  whatever is wrong with one schedule must not stop the others
        pause_broken(task, error)
        return True
    if (task.due_at, task.next_run_at) == (due_before, next_before) and not lapsed:
        return False
    if task.due_at is None and task.status != TaskStatus.PAUSED:
        complete(task)
        return True
    task.save(update_fields=["due_at", "next_run_at", "planned_until", "snoozes"])
    if task.next_run_at != next_before:
        _announce(task, next_before, reason)
    return task.next_run_at != next_before


def _announce(task: Task, before: datetime | None, reason: str) -> None:
    moved = {"from": before and as_text(before), "to": task.next_run_at and as_text(task.next_run_at)}
    logger.info("Task %s: its next run moved from %s to %s: %s", task.pk, moved["from"], moved["to"], reason)
    outbox.record(
        EventType.TASK_UPDATED,
        task,
        agent=task.created_by_id,
        changed=["next_run_at"],
        reason=reason,
        next_run_at=moved["to"],
        moved=moved,
    )
