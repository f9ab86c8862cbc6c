"""What can be wrong with the fields that belong to one kind of task: a condition and its probe, a topic."""

from collections.abc import Iterator
from typing import Final

import pipelines
from tasks_app.exceptions import Fault
from tasks_app.models import Task
from tasks_app.states import CalendarPolicy, ScheduleKind

_OF_CONDITIONS: Final = ("probe", "poll_seconds", "cooldown_seconds")


def faults_of(task: Task, *, tools: pipelines.Catalogue) -> list[Fault]:
    """What does not go with the task's kind, and what is wrong with its condition."""
    return [*_misplaced(task), *_faults_of_condition(task, tools)]


def _misplaced(task: Task) -> Iterator[Fault]:
    if task.schedule_kind != ScheduleKind.CONDITION:
        blank = Task()
        for name in _OF_CONDITIONS:
            usual = getattr(blank, name)
            if getattr(task, name) != usual:
                cure = f"leave it out, or return it to {'null' if usual is None else usual}"
                yield Fault(f"/{name}", f"Only a task of the kind condition has it: {cure}.")
    answers = task.schedule_kind in {ScheduleKind.EVENT, ScheduleKind.CONDITION}
    if answers and task.calendar_policy != CalendarPolicy.EXCLUDE:
        message = f"What happens on a holiday cannot be moved to another day: a task of the kind {task.schedule_kind} takes exclude."
        yield Fault("/calendar_policy", message)


def _faults_of_condition(task: Task, tools: pipelines.Catalogue) -> Iterator[Fault]:
    if task.schedule_kind != ScheduleKind.CONDITION or not task.schedule_expr.strip():
        return  # that it is empty is said where every schedule is judged
    params = task.payload.get("params") if isinstance(task.payload, dict) else None
    try:
        pipelines.parse_condition(task.schedule_expr, probe=task.probe, params=params, tools=tools)
    except pipelines.InvalidPipeline as invalid:
        yield from (Fault(fault.pointer, fault.message) for fault in invalid.faults)
