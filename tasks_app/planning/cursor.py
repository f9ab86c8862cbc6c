"""Which instant of a task is looked at next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from tasks_app.models import Task
from tasks_app.planning.advance import advance
from tasks_app.planning.decide import next_fire
from tasks_app.planning.standing import NOTHING, Standing
from tasks_app.planning.timing import timing_of
from tasks_app.states import ScheduleKind

_SETTLED: Final = (
    "status",
    "next_run_at",
    "due_at",
    "planned_until",
    "occurrences",
    "deferred_to",
    "snoozes",
    "event_seq",
)
_ANSWERING: Final = frozenset({ScheduleKind.EVENT, ScheduleKind.CONDITION})  # to what happens, at no foreseen instant


def place_cursor(task: Task, *, after: datetime, standing: Standing = NOTHING) -> bool:
    """Let `task` go on with its first instant after `after`; false when it has none that makes a run.

    standing: what goes on of it, if it is planned already. Changes the fields of `task` only. Raises `schedules.InvalidSchedule` or `schedules.InvalidCalendar`.
    """
    timing = timing_of(task)
    task.planned_until = after
    used_up = task.max_occurrences is not None and task.occurrences >= task.max_occurrences
    if task.schedule_kind in _ANSWERING:
        task.due_at, task.next_run_at = _looked_at(task, after), None
        return not used_up and (task.ends_at is None or task.ends_at > after)
    first = None if used_up else next(timing.after(after, deferred_to=standing.deferred_to), None)
    task.due_at = first.at if first else None
    task.next_run_at = next_fire(first, timing, deferred_to=standing.deferred_to) if first else None
    return task.next_run_at is not None


def _looked_at(task: Task, after: datetime) -> datetime | None:
    """A condition is looked at from now on; a task that listens to events is only to be ended in time."""
    if task.schedule_kind == ScheduleKind.EVENT:
        return task.ends_at
    return max(after, task.starts_at) if task.starts_at else after


def settle(task: Task, *, now: datetime) -> None:
    """Decide on every instant that has come, by the task as it is stored, before it is changed. It must be locked."""
    settle_all([task], now=now)


def settle_all(tasks: Sequence[Task], *, now: datetime) -> None:
    """The same for many."""
    # The instants of a condition are looks, and one that is not taken is nothing lost.
    planned = [task for task in tasks if task.schedule_kind != ScheduleKind.CONDITION]
    while due := [task for task in planned if task.due_at is not None and task.due_at <= now]:
        advance(due, now=now)
        rows = Task.objects.filter(pk__in=[task.pk for task in due]).values("pk", *_SETTLED)
        found = {row.pop("pk"): row for row in rows}
        for task in due:
            for name, value in found[task.pk].items():
                setattr(task, name, value)
