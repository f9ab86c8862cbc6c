"""From which status a task goes to which, and what changes with that: of one locked row, in memory. Who asks, writes it."""

from datetime import datetime
from typing import Final

import pipelines
from tasks_app.exceptions import IllegalMove
from tasks_app.models import Task
from tasks_app.services import task_rules, timing
from tasks_app.states import ScheduleKind, TaskStatus

# What their runs are told.
CANCELED: Final = "The task was canceled."
DELETED: Final = "The task was deleted."

_CURES: Final = {
    TaskStatus.PAUSED: "resume it first",
    TaskStatus.CANCELED: "that is final, create a new one",
    TaskStatus.ACTIVE: "it is running to its schedule already",
    TaskStatus.COMPLETED: "its schedule has ended, give it a new one",
}


def require_runnable(task: Task) -> None:
    """Raises `IllegalMove` for a task of which no run may be asked for."""
    if task.status in {TaskStatus.PAUSED, TaskStatus.CANCELED}:
        raise IllegalMove(f"The task is {task.status}: {_CURES[TaskStatus(task.status)]}.")


def pause(task: Task, *, now: datetime) -> bool:
    """False for one that is paused already. Raises `IllegalMove` unless it is active."""
    if task.status == TaskStatus.PAUSED:
        return False
    _require(task, TaskStatus.ACTIVE, "paused")
    task.paused_at = now
    if task.schedule_kind == ScheduleKind.CONDITION:
        timing.forget_condition(task)  # nobody looks while it is paused: what it was before says nothing then
        task.due_at = None
    if task.due_at:  # an instant that nobody looked at yet passes while it is paused
        task.paused_at = min(task.paused_at, task.due_at)
    task.status = TaskStatus.PAUSED
    return True


def require_paused(task: Task) -> None:
    """Raises `IllegalMove` for a task that cannot be resumed."""
    _require(task, TaskStatus.PAUSED, "resumed")


def go_on(task: Task, *, now: datetime, tools: pipelines.Catalogue) -> bool:
    """Resume a paused task whose instants up to `now` are decided on; whether its series is over with them.

    It stays `paused_at` what it was until it has caught up. Raises `InvalidRequest` while its schedule makes no sense.
    """
    over = False
    if task.due_at is None:  # it has no next instant, or was paused because its schedule could not be evaluated
        task_rules.check(task, tools=tools)
        over = task.paused_at is not None and timing.is_over(task, now=now)
        if not over:
            timing.plan(task, now=now)
    task.status = TaskStatus.ACTIVE
    return over


def is_used_up(task: Task) -> bool:
    """Whether its schedule has given all the runs that it may."""
    return task.max_occurrences is not None and task.occurrences >= task.max_occurrences


def cancel(task: Task) -> bool:
    """False for one that is canceled already."""
    if task.status == TaskStatus.CANCELED:
        return False
    task.next_run_at = task.due_at = None
    task.status = TaskStatus.CANCELED
    return True


def delete(task: Task, *, now: datetime) -> None:
    task.next_run_at = task.due_at = None
    task.deleted_at = now


def _require(task: Task, status: TaskStatus, verb: str) -> None:
    if task.status != status:
        raise IllegalMove(f"The task is {task.status} and cannot be {verb}: {_CURES[TaskStatus(task.status)]}.")
