"""Which instant of a task is looked at next."""

from datetime import datetime

from tasks_app.models import Task
from tasks_app.planning.advance import advance
from tasks_app.planning.decide import next_fire
from tasks_app.planning.standing import NOTHING, Standing
from tasks_app.planning.timing import timing_of


def place_cursor(task: Task, *, after: datetime, standing: Standing = NOTHING) -> bool:
    """Let `task` go on with its first instant after `after`; false when it has none that makes a run.

    standing: what goes on of it, if it is planned already. Changes the fields of `task` only. Raises `schedules.InvalidSchedule` or `schedules.InvalidCalendar`.
    """
    timing = timing_of(task)
    task.planned_until = after
    used_up = task.max_occurrences is not None and task.occurrences >= task.max_occurrences
    stream = timing.after(after, deferred_to=standing.deferred_to)
    first = None if used_up else next(stream, None)
    task.due_at = first.at if first else None
    task.next_run_at = next_fire(first, stream) if first else None
    return task.next_run_at is not None


def settle(task: Task, *, now: datetime) -> None:
    """Decide on every instant that has come, by the task as it is stored, before it is changed. It must be locked."""
    while task.due_at is not None and task.due_at <= now:
        advance([task], now=now)
        task.refresh_from_db(fields=["status", "next_run_at", "due_at", "planned_until", "occurrences", "event_seq"])
