"""Rows for tests: everything has a default but what the test is about."""

import itertools
from datetime import timedelta
from typing import Any

from django.db import connection

from tasks_app import queue
from tasks_app.models import Agent, Attempt, Event, OutboxEntry, Run, Step, StepLog, Task, TaskDefinition
from tasks_app.models.run import Lease
from tasks_app.queue import ClaimedRun, NewRun
from tasks_app.states import Trigger

LEASE = timedelta(seconds=30)
_numbers = itertools.count(1)


def make_agent(*, scopes: tuple[str, ...] = ()) -> Agent:
    return Agent.objects.create(name=f"agent {next(_numbers)}", scopes=list(scopes), secret_hash="hashed")


def make_task(**fields: Any) -> Task:
    values: dict[str, Any] = {
        "title": "A task",
        "schedule_kind": "manual",
        "timezone": "UTC",
        "dtstart": "2026-01-01T00:00:00",
        "payload": {"pipeline": [{"id": "one", "uses": "noop"}]},
    } | fields
    if "created_by" not in values:
        values["created_by"] = make_agent()
    values.setdefault("due_at", values.get("next_run_at"))
    task = Task.objects.create(**values)
    kept = ("title", "timezone", "payload", "max_retries", "backoff_strategy", "retry_delay_seconds", "timeout_seconds")
    same = {name: getattr(task, name) for name in kept}
    TaskDefinition.objects.create(task=task, version=task.version, budgeted=task.is_budgeted, **same)
    return task


def make_run(task: Task | None = None, **fields: Any) -> Run:
    task = task or make_task()
    values: dict[str, Any] = {
        "task": task.pk,
        "task_version": task.version,
        "agent": task.created_by_id,
        "priority": task.priority,
        "trigger": Trigger.RUN_NOW,
    } | fields
    [run_id] = queue.enqueue([NewRun(**values)])
    return Run.objects.get(pk=run_id)


def claim(worker: str = "worker", *, limit: int = 100, lease: timedelta = LEASE) -> list[ClaimedRun]:
    return queue.claim(worker=worker, limit=limit, lease=lease)


def claim_one(worker: str = "worker") -> ClaimedRun:
    [claimed] = claim(worker, limit=1)
    return claimed


def expire(lease: Lease) -> None:
    """Let the lease have ended a minute ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tasks_run SET lease_until = clock_timestamp() - interval '1 minute' WHERE id = %s", [lease.run_id]
        )


def events_of(aggregate: Run | Task | Agent) -> list[str]:
    """The types of its events, in the order of `seq`."""
    return [event.type for event in told(aggregate_id=aggregate.pk)]


def told(event_type: str | None = None, **about: Any) -> list[Event]:
    """The events of the outbox, of one type or of all, in the order in which they were written."""
    events = OutboxEntry.objects.filter(**about).order_by("id").events()
    return [event for event in events if event_type in (None, event.type)]


def the_event(event_type: str | None = None, **about: Any) -> Event:
    [event] = told(event_type, **about)
    return event


def steps_of(*runs: Run) -> list[Step]:
    """What the steps of these runs, or of all, came to."""
    logged = {run.pk for run in runs} or set(StepLog.objects.values_list("run", flat=True))
    return [recorded.result for steps in StepLog.objects.of_runs(logged).values() for recorded in steps.values()]


def the_step(run: Run) -> Step:
    [found] = steps_of(run)
    return found


def attempts_of(run: Run) -> list[Attempt]:
    return Attempt.objects.of(Run.objects.get(pk=run.pk))


def step(name: str = "one", *, state: str = "succeeded", **fields: Any) -> queue.Step:
    values: dict[str, Any] = {
        "step": name,
        "state": state,
        "tool": "noop",
        "input": {},
        "output": None,
        "error": {"code": "broken"} if state == "failed" else None,
        "duration_ms": 1,
        "idempotency_key": "",
    }
    return queue.Step(**(values | fields))
