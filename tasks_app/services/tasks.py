"""What can be asked about tasks: make, change, run, pause, resume, cancel and delete them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

import pipelines
from tasks_app import queue
from tasks_app.catalogue import catalogue
from tasks_app.conf import conf
from tasks_app.events import outbox, wakeup
from tasks_app.events.types import EventType
from tasks_app.exceptions import IllegalMove
from tasks_app.models import Agent, Run, Task, TaskDefinition
from tasks_app.models.clock import as_text, database_now
from tasks_app.models.insertion import insert
from tasks_app.planning.advance import complete
from tasks_app.planning.cursor import settle
from tasks_app.planning.new_run import new_run
from tasks_app.planning.resume import catch_up
from tasks_app.planning.standing import lane_of
from tasks_app.services import allowance, audit, steering, task_bounds, task_moves, task_rules, timing
from tasks_app.services.actor import Actor
from tasks_app.services.guard import Guard, unguarded
from tasks_app.services.kept import same
from tasks_app.states import TaskMode, TaskStatus, Trigger

WRITABLE: Final = frozenset(
    {
        "title",
        "description",
        "payload",
        "priority",
        "max_retries",
        "backoff_strategy",
        "retry_delay_seconds",
        "timeout_seconds",
        "queue_timeout_seconds",
        "overlap_policy",
        "misfire_policy",
        "catch_up_window_seconds",
        "catch_up_limit",
        "max_occurrences",
        "mode",
        "concurrency_key",
        "concurrency_limit",
        "dedupe_key",
        "dedupe_window_seconds",
        "cooldown_seconds",
        "calls_per_day",
        "tokens_per_day",
        "microdollars_per_day",
        *timing.FIELDS,
    }
)
_DEFINITION: Final = (
    "title",
    "timezone",
    "payload",
    "max_retries",
    "backoff_strategy",
    "retry_delay_seconds",
    "timeout_seconds",
)


@transaction.atomic
def create_task(owner: Agent, *, actor: Actor, causation: int = 0, **fields: Any) -> Task:
    """Make a task of `owner`'s and plan its first run.

    `fields` are those of `WRITABLE`; causation: how many runs, each made by the one before, led to it. Raises `InvalidRequest` with a JSON pointer for each fault, and `LimitReached`.
    """
    task_bounds.refuse_too_many_tasks(owner)
    now = database_now()
    task = proposed(owner, now=now, tools=catalogue(), causation=causation, **fields)
    timing.plan(task, now=now)
    told = [(EventType.TASK_CREATED, told_of_new(task))]
    event = outbox.first_of(task, told, agent=owner.pk, request_id=actor.request_id)
    noted = audit.entry("task.created", task, actor=actor, details={"title": task.title})
    insert(task, definition_of(task), event, noted)
    return task


def proposed(
    owner: Agent, *, now: datetime, tools: pipelines.Catalogue | None = None, causation: int = 0, **fields: Any
) -> Task:
    """The task that `create_task` would make at `now`, in order but for its first instant, and not saved.

    tools: those of the deployment, for whoever asks for many. Raises `InvalidRequest`.
    """
    fields.setdefault("timezone", conf().default_timezone)
    fields, found = task_rules.read(fields, seen_by=owner, timezone=fields["timezone"], keep=True)
    task = Task(created_by=owner, causation=causation, **fields)
    task.dtstart = task.dtstart or timing.start_of_day(now, task.timezone)
    task_rules.check(task, tools=catalogue() if tools is None else tools, known=found)
    return task


def told_of_new(task: Task) -> dict[str, Any]:
    """What `task.created` tells."""
    return {"title": task.title, **_plan(task)}


@transaction.atomic
def update_task(task: Task, *, actor: Actor, changes: Mapping[str, Any], guard: Guard = unguarded) -> Task:
    """Change the fields named in `changes`; runs that exist already keep the version they were planned with.

    Checked as a new task is: by what the owner may do, and by its login where it asks itself.
    Raises `InvalidRequest` for a fault, `IllegalMove` for a canceled task, and what the guard raises.
    """
    task = _locked(task)
    guard(task)
    actor.hold_back(task.created_by)
    if task.status == TaskStatus.CANCELED:
        raise IllegalMove("The task is canceled, which is final: create a new one.")
    zone = changes.get("timezone", task.timezone)
    changes, found = task_rules.read(changes, seen_by=task.created_by, timezone=zone, keep=True)
    changed = {name: value for name, value in changes.items() if not same(getattr(task, name), value)}
    if not changed and not found:
        return task
    now = database_now()
    if timing.FIELDS & changed.keys():
        settle(task, now=now)
    lane = lane_of(task)
    for name, value in changed.items():
        setattr(task, name, value)
    task_rules.check(task, tools=catalogue(), known=found)
    if lane_of(task) != lane:
        queue.change_lane(task.pk, old=lane, new=lane_of(task))
    if timing.CONDITION & changed.keys():
        timing.forget_condition(task)
    if timing.FIELDS & changed.keys():
        timing.replace_waiting_runs(task)
        timing.end_snoozes(task)
        timing.plan(task, now=max(now, task.planned_until))
        if task.status == TaskStatus.COMPLETED:
            task.status = TaskStatus.ACTIVE
    task.version += 1
    task.updated_at = now
    task.save()
    insert(definition_of(task))
    _announce(EventType.TASK_UPDATED, task, actor, changed=sorted(changed), **_plan(task))
    return task


@transaction.atomic
def run_now(  # noqa: PLR0913 - each has a default
    task: Task,
    *,
    actor: Actor,
    params: Mapping[str, Any] | None = None,
    mode: TaskMode | None = None,
    start: datetime | None = None,
    trigger: Trigger = Trigger.RUN_NOW,
    causation: int | None = None,
) -> Run:
    """Queue a run at once, or plan it for `start`, with `params` laid over the task's own, in the task's `mode` unless another
    is given.

    It goes past the overlap policy, but waits for a place under the task's concurrency key. causation: how many runs, each made
    by the one before, led to the one that asks for it. Raises `IllegalMove` unless the
    task may run, and when its dedupe key or its owner's budget of the day forbids it; `InvalidRequest` for params that cannot
    be stored.
    """
    task_rules.refuse_unfit(params or {})
    task = _locked(task)
    task_moves.require_runnable(task)
    simulated = (mode or task.mode) == TaskMode.SIMULATE
    if not simulated:
        allowance.refuse_repeated(task)
    allowance.charge(task, runs=1)
    given: dict[str, Any] = {"params": dict(params)} if params else {}
    if causation is not None:
        given["causation"] = causation
    wanted = new_run(
        task, trigger=trigger, start=start, input=given or None, request_id=actor.request_id, simulated=simulated
    )
    [run_id] = queue.enqueue([wanted])
    audit.note("task.run_now", task, actor=actor, run=str(run_id), **({"mode": mode} if mode else {}))
    wakeup.send_after_commit()
    return Run.objects.get(pk=run_id)


@transaction.atomic
def pause(task: Task, *, actor: Actor) -> Task:
    """Let no further instant become a run; instants that pass are kept in the ledger. Pausing twice changes nothing."""
    task = _locked(task)
    if task_moves.pause(task, now=database_now()):
        _write_move(task, EventType.TASK_PAUSED, actor)
    return task


@transaction.atomic
def resume(task: Task, *, actor: Actor) -> Task:
    """Go on with a paused task; what passed meanwhile is caught up with by its misfire policy, which may end its series.

    Raises `IllegalMove` unless it is paused, and `InvalidRequest` while its schedule makes no sense.
    """
    task = _locked(task)
    task_moves.require_paused(task)
    now = database_now()
    settle(task, now=now)
    over = task_moves.go_on(task, now=now, tools=catalogue())
    if catch_up([task], now=now):
        wakeup.send_after_commit()
    task.paused_at = None
    _write_move(task, EventType.TASK_RESUMED, actor)
    if over or task_moves.is_used_up(task):
        complete(task)
    return task


@transaction.atomic
def cancel(task: Task, *, actor: Actor) -> Task:
    """End a task for good, with every run of it that has not finished. Canceling twice changes nothing."""
    task = _locked(task)
    if task_moves.cancel(task):
        _cancel_runs(task, task_moves.CANCELED)
        _write_move(task, EventType.TASK_CANCELED, actor)
    return task


@transaction.atomic
def delete(task: Task, *, actor: Actor, guard: Guard = unguarded) -> None:
    """Take a task and its history out of sight; unfinished runs are canceled, rows are pruned later.

    Deleting twice changes nothing.
    """
    present = _row(task)
    if present is None:
        return
    guard(present)
    _cancel_runs(present, task_moves.DELETED)
    task_moves.delete(present, now=database_now())
    present.save(update_fields=["next_run_at", "due_at", "deleted_at"])
    _announce(EventType.TASK_DELETED, present, actor)


def _locked(task: Task) -> Task:
    present = _row(task)
    if present is None:
        raise IllegalMove("The task was deleted meanwhile: create a new one.")
    return present


def _row(task: Task) -> Task | None:
    rows = Task.objects.present().select_for_update(of=("self",)).select_related("created_by")
    return rows.filter(pk=task.pk).first()


def definition_of(task: Task) -> TaskDefinition:
    """What the runs of its present version are to do, not saved."""
    values = {name: getattr(task, name) for name in _DEFINITION}
    return TaskDefinition(task=task, version=task.version, budgeted=task.is_budgeted, **values)


def _plan(task: Task) -> dict[str, Any]:
    return {"next_run_at": as_text(task.next_run_at) if task.next_run_at else None}


def _write_move(task: Task, event: EventType, actor: Actor) -> None:
    task.updated_at = database_now()
    task.save(update_fields=[*steering.FIELDS, "updated_at"])
    _announce(event, task, actor)


def _cancel_runs(task: Task, reason: str) -> None:
    queue.cancel(list(task.runs.unfinished().values_list("pk", flat=True)), reason=reason)


def _announce(event: EventType, task: Task, actor: Actor, **data: Any) -> None:
    outbox.record(event, task, agent=task.created_by_id, request_id=actor.request_id, **data)
    audit.note(event.value, task, actor=actor, **data)
