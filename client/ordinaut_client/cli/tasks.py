"""`ordinaut tasks`."""

from itertools import islice
from typing import Any, get_args
from uuid import UUID

import click

from ordinaut_client.cli import documents
from ordinaut_client.cli.output import as_text
from ordinaut_client.cli.runs import HEADINGS as RUN_HEADINGS
from ordinaut_client.cli.runs import cells as run_cells
from ordinaut_client.cli.runs import fields as run_fields
from ordinaut_client.cli.runs import follow
from ordinaut_client.cli.session import Session, json_option, pass_session
from ordinaut_client.cli.words import JsonObject
from ordinaut_client.connection import told
from ordinaut_client.generated.api.tasks import (
    tasks_cancel,
    tasks_delete,
    tasks_get,
    tasks_list,
    tasks_occurrences,
    tasks_pause,
    tasks_resume,
    tasks_run_now,
    tasks_runs,
    tasks_snooze,
)
from ordinaut_client.generated.models import RunNowRequest, SnoozeRequest, Task
from ordinaut_client.generated.models.schedule_kind import ScheduleKind
from ordinaut_client.generated.models.task_status import TaskStatus
from ordinaut_client.generated.types import UNSET
from ordinaut_client.pages import each

_HEADINGS = ("ID", "TITLE", "STATUS", "SCHEDULE", "NEXT RUN", "LAST")


@click.group()
def tasks() -> None:
    """What is to be done, and when."""


@tasks.command("list")
@click.option("--status", multiple=True, type=click.Choice(sorted(get_args(TaskStatus))))
@click.option("--kind", multiple=True, type=click.Choice(sorted(get_args(ScheduleKind))))
@click.option("--title", help="A part of the title.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many, at most.")
@json_option
@pass_session
def list_(session: Session, status: Any, kind: Any, title: str | None, limit: int) -> None:
    """List tasks, the newest first."""
    found = each(
        lambda cursor: tasks_list.sync(
            client=session.client,
            cursor=cursor,
            limit=min(limit, 200),
            status=list(status) or UNSET,
            schedule_kind=list(kind) or UNSET,
            title=title or UNSET,
        )
    )
    session.output.many(islice(found, limit), _HEADINGS, _cells)


@tasks.command()
@click.argument("task", type=click.UUID)
@json_option
@pass_session
def get(session: Session, task: UUID) -> None:
    """Show one task."""
    session.output.one(told(tasks_get.sync(task, client=session.client)), _fields)


def _written(command: Any) -> Any:
    """The fields of a task that have options of their own; a file holds any."""
    for option in (
        click.option("--payload", type=JsonObject(), help="Params and pipeline."),
        click.option("--timezone", help="IANA name."),
        click.option("--expr", "schedule_expr", help="The schedule, as its kind writes it."),
        click.option("--kind", "schedule_kind", type=click.Choice(sorted(get_args(ScheduleKind)))),
        click.option("--title"),
        click.argument("body", type=JsonObject(), required=False, metavar="[JSON|@FILE|-]"),
    ):
        command = option(command)
    return command


def _body(body: dict[str, Any] | None, options: dict[str, Any]) -> dict[str, Any]:
    sent = (body or {}) | {name: value for name, value in options.items() if value is not None}
    if not sent:
        raise click.UsageError("Say what: as JSON, @file, - or with options.")
    return sent


@tasks.command()
@_written
@json_option
@pass_session
def create(session: Session, /, body: dict[str, Any] | None, **options: Any) -> None:
    """Make a task: of JSON, with what options say laid over it."""
    sent = _body(body, options)
    made = session.platform.send("POST", "/api/v1/tasks", sent)
    session.output.one(Task.from_dict(made), _fields)


@tasks.command()
@click.argument("task", type=click.UUID)
@_written
@json_option
@pass_session
def update(session: Session, /, task: UUID, body: dict[str, Any] | None, **options: Any) -> None:
    """Change the fields of a task that are given."""
    sent = _body(body, options)
    changed = session.platform.send("PATCH", f"/api/v1/tasks/{task}", sent)
    session.output.one(Task.from_dict(changed), _fields)


@tasks.command()
@click.argument("task", type=click.UUID)
@pass_session
def delete(session: Session, task: UUID) -> None:
    """Delete a task; its runs that have not finished are canceled."""
    tasks_delete.sync_detailed(task, client=session.client)


@tasks.command()
@click.argument("task", type=click.UUID)
@click.option("--params", type=JsonObject(), help="Laid over the task's own, for this run.")
@click.option("--simulate", is_flag=True, help="Call no tool.")
@click.option("--watch", is_flag=True, help="Wait for the run's end; exit with 1 unless it succeeds.")
@json_option
@pass_session
def run(session: Session, task: UUID, params: dict[str, Any] | None, simulate: bool, watch: bool) -> None:
    """Run a task now, whatever its schedule says."""
    body = {"params": params} if params else {}
    asked = RunNowRequest.from_dict(body | ({"mode": "simulate"} if simulate else {}))
    made = told(tasks_run_now.sync(task, client=session.client, body=asked))
    if watch:
        follow(session, made.id)
    else:
        session.output.one(made, run_fields)


@tasks.command()
@click.argument("task", type=click.UUID)
@json_option
@pass_session
def pause(session: Session, task: UUID) -> None:
    """Let no further instant become a run."""
    session.output.one(told(tasks_pause.sync(task, client=session.client)), _fields)


@tasks.command()
@click.argument("task", type=click.UUID)
@json_option
@pass_session
def resume(session: Session, task: UUID) -> None:
    """Go on with a paused task."""
    session.output.one(told(tasks_resume.sync(task, client=session.client)), _fields)


@tasks.command()
@click.argument("task", type=click.UUID)
@json_option
@pass_session
def cancel(session: Session, task: UUID) -> None:
    """End a task for good, with its runs that have not finished."""
    session.output.one(told(tasks_cancel.sync(task, client=session.client)), _fields)


@tasks.command()
@click.argument("task", type=click.UUID)
@click.argument("seconds", type=click.IntRange(1, 604_800))
@click.option("--reason", default="")
@json_option
@pass_session
def snooze(session: Session, task: UUID, seconds: int, reason: str) -> None:
    """Put the next instant of a task off, by so many seconds."""
    body = SnoozeRequest(delay_seconds=seconds, reason=reason or UNSET)
    session.output.one(told(tasks_snooze.sync(task, client=session.client, body=body)), _fields)


@tasks.command()
@click.argument("task", type=click.UUID)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many, at most.")
@json_option
@pass_session
def runs(session: Session, task: UUID, limit: int) -> None:
    """List the runs of a task, the newest first."""
    found = each(lambda cursor: tasks_runs.sync(task, client=session.client, cursor=cursor, limit=min(limit, 200)))
    session.output.many(islice(found, limit), RUN_HEADINGS, run_cells)


@tasks.command("next")
@click.argument("task", type=click.UUID)
@click.option("--count", type=click.IntRange(1), default=5, show_default=True)
@json_option
@pass_session
def next_(session: Session, task: UUID, count: int) -> None:
    """Show the next instants of a task."""
    found = told(tasks_occurrences.sync(task, client=session.client, count=count))
    session.output.many(
        found.items,
        ("AT", "LOCAL", "FIRES", "NOTES"),
        lambda each: (each.at, each.local.isoformat(), each.fires, [note.text for note in each.notes]),
    )


for command in (documents.export, documents.import_, documents.apply):
    tasks.add_command(command)


def _cells(task: Task) -> tuple[object, ...]:
    return task.id, task.title, task.status, _schedule(task), task.next_run_at, task.last_status


def _schedule(task: Task) -> str:
    return f"{task.schedule_kind} {as_text(task.schedule_expr)}" if task.schedule_expr else task.schedule_kind


def _fields(task: Task) -> dict[str, object]:
    return {
        "id": task.id,
        "title": task.title,
        "status": task.status,
        "schedule": _schedule(task),
        "timezone": task.timezone,
        "next run": task.next_run_at,
        "last run": task.last_run_at,
        "last status": task.last_status,
        "priority": task.priority,
        "version": task.version,
    }
