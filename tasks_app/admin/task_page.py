"""What the page of a task shows beside its fields: its next instants, its last runs, what made none, and what may be asked."""

from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString

from tasks_app.admin.appearance import badge, in_utc, lasted, run_badge
from tasks_app.admin.instants import InstantTable
from tasks_app.models import Run, SkippedOccurrence, Task
from tasks_app.services import preview
from tasks_app.states import TaskStatus

_RUNS: Final = 5
_SKIPPED: Final = 5
_SIMULATE: Final = ("simulate", "Simulate")
_WISHES: Final[dict[str, list[tuple[str, str]]]] = {
    TaskStatus.ACTIVE: [("run_now", "Run now"), _SIMULATE, ("pause", "Pause"), ("cancel", "Cancel for good")],
    TaskStatus.PAUSED: [("resume", "Resume"), ("cancel", "Cancel for good")],
    TaskStatus.COMPLETED: [("run_now", "Run now"), _SIMULATE, ("cancel", "Cancel for good")],
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
            run_badge(run.state, simulated=run.simulated),
            run.get_trigger_display(),
            in_utc(run.scheduled_for),
            in_utc(run.started_at),
            lasted(took),
        )


@dataclass(frozen=True)
class Missed:
    """One row of the ledger, as a line of a table."""

    scheduled_for: str | None
    reason: str
    detail: str

    @classmethod
    def of(cls, row: SkippedOccurrence) -> "Missed":
        return cls(in_utc(row.scheduled_for), row.get_reason_display(), row.detail)


@dataclass(frozen=True)
class TaskPage:
    task: Task
    badge: SafeString | None
    instants: InstantTable
    runs: list[Line]
    skipped: list[Missed]
    wishes: list[tuple[str, str]]  # an action's name and its words


def of(task: Task, *, may_ask: bool) -> TaskPage:
    return TaskPage(
        task,
        badge(task.status),
        InstantTable.of(preview.occurrences(task)),
        [Line.of(run, title=task.title) for run in task.runs.order_by("-id")[:_RUNS]],
        [Missed.of(row) for row in task.skipped_occurrences.order_by("-scheduled_for")[:_SKIPPED]],
        _WISHES[task.status] if may_ask else [],
    )
