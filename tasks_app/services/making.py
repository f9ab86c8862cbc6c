"""What a step of a run can make: a task, or a run of one, now or later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from schedules.zones import zone
from tasks_app import child_waits
from tasks_app.exceptions import Fault, InvalidRequest, UnknownTask
from tasks_app.models import Agent, Run, Task
from tasks_app.models.clock import database_now
from tasks_app.services import deeds, tasks
from tasks_app.services.deeds import Source
from tasks_app.states import DeedKind, TaskStatus, Trigger

LONGEST_DELAY: Final = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Start:
    """When a run may begin: `after` a while from now, or `at` an instant, which without an offset is local to the task's zone."""

    after: timedelta = timedelta()
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A run that a step asks for: of the task with this id or title, with `params` laid over the task's own."""

    task: str
    params: Mapping[str, Any] = field(default_factory=dict)
    start: Start = field(default_factory=Start)


def create_task_once(source: Source, fields: Mapping[str, Any]) -> Any:
    """Make a task of the run's agent. Answers its `task_id`, `title`, `status` and `next_run_at`.

    Raises as `deeds.do_once` does, and `InvalidRequest`.
    """
    return deeds.do_once(source, DeedKind.TASK, scope="tasks:create", do=partial(_create_task, source, fields))


def make_run_once(source: Source, wanted: Wanted) -> Any:
    """Make a run of one of the tasks of the run's agent. Answers its `run_id`, `task_id` and `start_at`.

    Raises as `deeds.do_once` does; `UnknownTask`; `IllegalMove` as `tasks.run_now` does; `InvalidRequest`.
    """
    return deeds.do_once(source, DeedKind.RUN, scope="runs:write", do=partial(_make_run, source, wanted))


def make_child_once(source: Source, wanted: Wanted) -> Any:
    """The same, and the source's run waits for the end of the one that is made. Raises `ParentCanceled` besides."""
    return deeds.do_once(source, DeedKind.RUN, scope="runs:write", do=partial(_make_child, source, wanted))


def _create_task(source: Source, fields: Mapping[str, Any], owner: Agent) -> Any:
    task = tasks.create_task(owner, actor=source.actor, causation=source.depth + 1, **fields)
    next_run_at = task.next_run_at and task.next_run_at.isoformat()
    return {"task_id": str(task.pk), "title": task.title, "status": str(task.status), "next_run_at": next_run_at}


def _make_run(source: Source, wanted: Wanted, owner: Agent) -> Any:
    return _made(_run_of(source, wanted, owner))


def _make_child(source: Source, wanted: Wanted, owner: Agent) -> Any:
    child = _run_of(source, wanted, owner)
    child_waits.await_end(child, parent=source.run)
    return _made(child)


def _made(run: Run) -> dict[str, Any]:
    return {"run_id": str(run.pk), "task_id": str(run.task_id), "start_at": run.run_at.isoformat()}


def _run_of(source: Source, wanted: Wanted, owner: Agent) -> Run:
    """A new run of the task that is wanted, caused by the source's."""
    task = own_task(owner, wanted.task)
    return tasks.run_now(
        task,
        actor=source.actor,
        params=wanted.params,
        start=_instant(wanted.start, task),
        trigger=Trigger.STEP,
        causation=source.depth,
    )


def own_task(owner: Agent, named: str) -> Task:
    """The owner's task of this id, else the only one of this title. Raises `UnknownTask` with the cure."""
    own = Task.objects.present().filter(created_by=owner).exclude(status=TaskStatus.CANCELED)
    is_it = Q(title=named)
    if (pk := _as_uuid(named)) is not None:
        is_it |= Q(pk=pk)
    found = list(own.filter(is_it).order_by("pk")[:2])
    if not found:
        raise UnknownTask(
            f"The agent {owner} has no task {named!r}: create it first, or give the id of one that it has."
        )
    if len(found) > 1:
        raise UnknownTask(
            f"The agent {owner} has several tasks called {named!r}: give the id of the one that is meant."
        )
    return found[0]


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _instant(start: Start, task: Task) -> datetime | None:
    now = database_now()
    if start.at is None:
        return now + start.after if start.after else None
    at = start.at if start.at.tzinfo else start.at.replace(tzinfo=zone(task.timezone))
    if at > now + LONGEST_DELAY:
        raise InvalidRequest(Fault("/at", f"A run is planned {LONGEST_DELAY.days} days ahead at most."))
    return at
