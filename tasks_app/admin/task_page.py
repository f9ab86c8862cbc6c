"""What the page of a task shows beside its fields: its next instants, its last runs, and what may be asked."""

from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString

import schedules
from tasks_app.admin.appearance import badge, in_utc, lasted
from tasks_app.models import Run, Task
from tasks_app.models.clock import database_now
from tasks_app.states import ScheduleKind, TaskStatus

_OCCURRENCES: Final = 5
_RUNS: Final = 5
_WISHES: Final[dict[str, list[tuple[str, str]]]] = {
    TaskStatus.ACTIVE: [("run_now", "Run now"), ("pause", "Pause"), ("cancel", "Cancel for good")],
    TaskStatus.PAUSED: [("resume", "Resume"), ("cancel", "Cancel for good")],
    TaskStatus.COMPLETED: [("run_now", "Run now"), ("cancel", "Cancel for good")],
    TaskStatus.CANCELED: [],
}


@dataclass(frozen=True)
class Line:
    """One run, as a line of a table."""

    id: str
    title: str
    badge: SafeString | None
    trigger: str
    scheduled_for: str | None
    started_at: str | None
    took: str | None

    @classmethod
    def of(cls, run: Run, *, title: str) -> "Line":
        took = run.finished_at - run.started_at if run.finished_at and run.started_at else None
        return cls(
            str(run.pk),
            title,
            badge(run.state),
            run.get_trigger_display(),
            in_utc(run.scheduled_for),
            in_utc(run.started_at),
            lasted(took),
        )


@dataclass(frozen=True)
class TaskPage:
    task: Task
    badge: SafeString | None
    occurrences: list[str]  # in the task's zone
    no_occurrences: str  # why there are none
    runs: list[Line]
    wishes: list[tuple[str, str]]  # an action's name and its words


def of(task: Task, *, may_ask: bool) -> TaskPage:
    runs = [Line.of(run, title=task.title) for run in task.runs.order_by("-id")[:_RUNS]]
    occurrences, why_none = _occurrences(task)
    return TaskPage(task, badge(task.status), occurrences, why_none, runs, _WISHES[task.status] if may_ask else [])


def _occurrences(task: Task) -> tuple[list[str], str]:
    if task.status not in {TaskStatus.ACTIVE, TaskStatus.PAUSED}:
        return [], f"The task is {task.status}."
    try:
        instants = task.schedule.after(database_now(), limit=_OCCURRENCES)
    except schedules.InvalidSchedule as error:  # saved under rules, or zone data, that have changed since
        return [], str(error)
    why_none = "It runs only when asked to." if task.schedule_kind == ScheduleKind.MANUAL else "None is left."
    return [f"{instant:%a %Y-%m-%d %H:%M:%S %z}" for instant in instants], why_none
