"""The snoozes of a task as its row keeps them."""

from collections.abc import Sequence
from datetime import datetime

from schedules.snoozes import Snooze
from tasks_app.models import Task


def of(task: Task) -> tuple[Snooze, ...]:
    return tuple(
        Snooze(datetime.fromisoformat(each["at"]), datetime.fromisoformat(each["to"]), each["reason"])
        for each in task.snoozes or ()
    )


def keep(task: Task, snoozes: Sequence[Snooze]) -> None:
    """Changes the field only."""
    kept = [{"at": each.at.isoformat(), "to": each.to.isoformat(), "reason": each.reason} for each in snoozes]
    task.snoozes = kept or None


def are_over(task: Task, *, until: datetime | None) -> bool:
    """Whether none of them says anything of the instants from `until` on; None: there are no more."""
    return until is None or all(max(each.at, each.to) < until for each in of(task))
