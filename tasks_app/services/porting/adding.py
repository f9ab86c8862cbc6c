"""Many tasks made at once, in a few statements: each as `tasks.create_task` makes one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tasks_app import catalogue
from tasks_app.events import outbox
from tasks_app.events.types import EventType
from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import Agent, Task, TaskDefinition
from tasks_app.models.clock import database_now
from tasks_app.services import audit, task_bounds, tasks, timing
from tasks_app.services.actor import Actor
from tasks_app.states import ScheduleKind, TaskStatus

_AT_ONCE = 200  # rows of one statement


@dataclass(frozen=True, kw_only=True)
class NewTask:
    """The fields of a task to be made, as `tasks.create_task` takes them; `place` is put before the pointers of its faults."""

    place: str
    fields: Mapping[str, Any]
    is_paused: bool = False


def add(owner: Agent, wanted: Sequence[NewTask], *, actor: Actor) -> list[Task]:
    """Make them all, in the transaction under way. One that begins paused may have a schedule that is over.

    Raises `InvalidRequest` with the faults of all of them, and `LimitReached`; then it has written nothing.
    """
    task_bounds.refuse_too_many_tasks(owner, more=len(wanted))
    now = database_now()
    made: list[Task] = []
    faults: list[Fault] = []
    with catalogue.held():
        for each in wanted:
            try:
                made.append(_planned(owner, each, now=now))
            except InvalidRequest as invalid:
                faults += (Fault(f"{each.place}{fault.pointer}", fault.message) for fault in invalid.faults)
    if faults:
        raise InvalidRequest(*faults)
    firsts = [(task, _facts(task)) for task in made]
    outbox.record_first(firsts, agent=owner.pk, request_id=actor.request_id)
    Task.objects.bulk_create(made, batch_size=_AT_ONCE)
    TaskDefinition.objects.bulk_create([tasks.definition_of(task) for task in made], batch_size=_AT_ONCE)
    audit.note_all(
        [(str(event), task, _details(event, task)) for task, facts in firsts for event, _ in facts], actor=actor
    )
    return made


def _planned(owner: Agent, wanted: NewTask, *, now: datetime) -> Task:
    task = tasks.proposed(owner, now=now, **wanted.fields)
    try:
        timing.plan(task, now=now)
    except InvalidRequest:
        if not wanted.is_paused:
            raise
    if wanted.is_paused:
        task.status, task.paused_at = TaskStatus.PAUSED, now
        if task.schedule_kind == ScheduleKind.CONDITION:
            task.due_at = None
    return task


def _facts(task: Task) -> list[tuple[EventType, dict[str, Any]]]:
    paused: list[tuple[EventType, dict[str, Any]]] = [(EventType.TASK_PAUSED, {})]
    return [(EventType.TASK_CREATED, tasks.told_of_new(task)), *(paused if task.status == TaskStatus.PAUSED else [])]


def _details(event: EventType, task: Task) -> dict[str, Any]:
    return {"title": task.title} if event == EventType.TASK_CREATED else {}
