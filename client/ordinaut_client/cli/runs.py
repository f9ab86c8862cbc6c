"""`ordinaut runs`."""

import time
from itertools import islice
from typing import Any, get_args
from uuid import UUID

import click

from ordinaut_client.cli.output import as_text, print_json
from ordinaut_client.cli.session import Session, json_option, pass_session
from ordinaut_client.connection import told
from ordinaut_client.generated.api.runs import (
    runs_approve,
    runs_cancel,
    runs_get,
    runs_list,
    runs_reject,
    runs_retry,
)
from ordinaut_client.generated.models import JudgeRequest, RetryRequest, Run, RunDetail
from ordinaut_client.generated.models.run_status import RunStatus
from ordinaut_client.generated.types import UNSET
from ordinaut_client.pages import each

HEADINGS = ("ID", "TASK", "STATUS", "TRIGGER", "CREATED", "FINISHED")


@click.group()
def runs() -> None:
    """What became of tasks."""


@runs.command("list")
@click.option("--task", type=click.UUID)
@click.option("--status", multiple=True, type=click.Choice(sorted(get_args(RunStatus))))
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many, at most.")
@json_option
@pass_session
def list_(session: Session, task: UUID | None, status: Any, limit: int) -> None:
    """List runs, the newest first."""
    found = each(
        lambda cursor: runs_list.sync(
            client=session.client,
            cursor=cursor,
            limit=min(limit, 200),
            task_id=task or UNSET,
            status=list(status) or UNSET,
        )
    )
    session.output.many(islice(found, limit), HEADINGS, cells)


@runs.command()
@click.argument("run", type=click.UUID)
@json_option
@pass_session
def get(session: Session, run: UUID) -> None:
    """Show one run with its steps."""
    found = told(runs_get.sync(run, client=session.client))
    session.output.one(found, lambda run: fields(run) | {f"step {step.id}": _step(step) for step in run.steps})


@runs.command()
@click.argument("run", type=click.UUID)
@click.option("--every", type=click.FloatRange(0.1), default=1.0, show_default=True, help="Seconds between two looks.")
@json_option
@pass_session
def watch(session: Session, run: UUID, every: float) -> None:
    """Wait for the end of a run; exit with 1 unless it succeeded."""
    follow(session, run, every=every)


def follow(session: Session, run: UUID, *, every: float = 1.0) -> None:
    """Print what becomes of a run until it has ended."""
    shown: list[str] = []
    while True:
        found = told(runs_get.sync(run, client=session.client))
        lines = [f"{as_text(step.id)}  {_step(step)}" for step in found.steps] + [_whole(found)]
        if not session.output.as_json:
            for line in lines:
                if line not in shown:
                    click.echo(line)
        shown = lines
        if found.finished_at:
            break
        time.sleep(every)
    if session.output.as_json:
        print_json(found.to_dict())
    if found.status != "succeeded":
        click.get_current_context().exit(1)


@runs.command()
@click.argument("run", type=click.UUID)
@click.option("--from-start", is_flag=True, help="Do the steps again that succeeded, too.")
@json_option
@pass_session
def retry(session: Session, run: UUID, from_start: bool) -> None:
    """Do a run again that failed, timed out or is dead."""
    where = RetryRequest(from_="start" if from_start else "failed_step")
    session.output.one(told(runs_retry.sync(run, client=session.client, body=where)), fields)


@runs.command()
@click.argument("run", type=click.UUID)
@json_option
@pass_session
def cancel(session: Session, run: UUID) -> None:
    """Stop a run."""
    session.output.one(told(runs_cancel.sync(run, client=session.client)), fields)


@runs.command()
@click.argument("run", type=click.UUID)
@click.option("--comment", default="")
@json_option
@pass_session
def approve(session: Session, run: UUID, comment: str) -> None:
    """Approve what a run waits for."""
    said = JudgeRequest(comment=comment)
    session.output.one(told(runs_approve.sync(run, client=session.client, body=said)), fields)


@runs.command()
@click.argument("run", type=click.UUID)
@click.option("--comment", default="")
@json_option
@pass_session
def reject(session: Session, run: UUID, comment: str) -> None:
    """Reject what a run waits for."""
    said = JudgeRequest(comment=comment)
    session.output.one(told(runs_reject.sync(run, client=session.client, body=said)), fields)


def cells(run: Run) -> tuple[object, ...]:
    return run.id, run.task_id, _status(run), run.trigger, run.created_at, run.finished_at


def fields(run: Run | RunDetail) -> dict[str, object]:
    return {
        "id": run.id,
        "task": run.task_id,
        "status": _status(run),
        "trigger": run.trigger,
        "scheduled for": run.scheduled_for,
        "created": run.created_at,
        "started": run.started_at,
        "finished": run.finished_at,
        "attempt": run.attempt,
        "error": run.error,
    }


def _whole(run: RunDetail) -> str:
    error = f": {as_text(run.error)}" if run.error and run.finished_at else ""
    return f"{run.id}  {_status(run)}{error}"


def _status(run: Run | RunDetail) -> str:
    return f"{run.status} for {run.waiting_for}" if run.waiting_for else run.status


def _step(step: Any) -> str:
    came_to = step.error if step.status == "failed" else step.output
    return f"{step.status}  {as_text(step.tool)}  {step.duration_ms} ms  {as_text(came_to)}"
