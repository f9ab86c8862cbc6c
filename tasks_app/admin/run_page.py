"""What the page of a run shows beside its fields: its pipeline, attempts, steps and events.

Attempts, steps and definitions have composite keys, which Django's admin cannot register: here they are
read, shaped and handed to a template.
"""

from dataclasses import dataclass
from typing import Any, Final

from tasks_app import waits
from tasks_app.admin.appearance import badge, in_utc, lasted, pretty
from tasks_app.admin.run_actions import buttons_for
from tasks_app.masking import masked
from tasks_app.models import Attempt, OutboxEntry, Run, StepLog, TaskDefinition
from tasks_app.services import approval_links
from tasks_app.states import WaitingFor

_MOST: Final = 200  # of each; a page is for reading


@dataclass(frozen=True)
class Detail:
    """A JSON value behind a word to click on."""

    name: str
    text: str


@dataclass(frozen=True)
class Row:
    """One line of a table: its cells, and what can be unfolded at its end."""

    cells: list[Any]
    details: list[Detail]


@dataclass(frozen=True)
class Table:
    title: str
    headers: list[str]
    rows: list[Row]
    note: str = ""


@dataclass(frozen=True)
class Question:
    """What a run that waits for approval asks."""

    message: str
    data: str
    approvers: str
    links: list[dict[str, str]]


@dataclass(frozen=True)
class RunPage:
    run: Run
    question: Question | None
    pipeline: Detail | None
    tables: list[Table]
    buttons: list[tuple[str, str]]


def of(run: Run, *, may_ask: bool) -> RunPage:
    tables = [_steps(run), _attempts(run), _events(run)]
    return RunPage(run, _question(run, may_ask=may_ask), _pipeline(run), tables, buttons_for(run) if may_ask else [])


def _question(run: Run, *, may_ask: bool) -> Question | None:
    asked = waits.awaited(run, WaitingFor.APPROVAL)
    if asked is None:
        return None
    given = masked(waits.given(asked))
    data = pretty(given["data"]) if given.get("data") is not None else ""
    links = approval_links.links_of(run) if may_ask else []
    return Question(str(given.get("message", "")), data, ", ".join(given.get("approvers", [])), links)


def _pipeline(run: Run) -> Detail | None:
    definition = TaskDefinition.objects.filter(task=run.task_id, version=run.task_version).first()
    return Detail(f"Pipeline (version {run.task_version})", pretty(definition.payload)) if definition else None


def _steps(run: Run) -> Table:
    found = StepLog.objects.of_run(run.pk)
    rows = [
        _row(
            badge(step.state),
            position,
            step.step,
            step.tool,
            attempt,
            step.duration_ms,
            error=step.error,
            input=masked(step.input),
            output=masked(step.output),
        )
        for position, (step, attempt, _) in enumerate(found[:_MOST], 1)
    ]
    return Table("Steps", ["State", "Position", "Step", "Tool", "Attempt", "ms"], rows, _note(len(found)))


def _attempts(run: Run) -> Table:
    found = [attempt for attempt in reversed(Attempt.objects.of(run)) if attempt.outcome]
    rows = [
        _row(
            badge(attempt.outcome),
            attempt.number,
            attempt.worker,
            in_utc(attempt.started_at),
            lasted(attempt.finished_at - attempt.started_at),
            error=attempt.error,
        )
        for attempt in found[:_MOST]
    ]
    return Table("Attempts", ["Outcome", "Number", "Worker", "Started (UTC)", "Took"], rows, _note(len(found)))


def _events(run: Run) -> Table:
    found = OutboxEntry.objects.filter(aggregate_id=run.pk).order_by("seq")[: _MOST + 1].events()
    rows = [_row(event.type, event.seq, in_utc(event.at), data=event.data or None) for event in found[:_MOST]]
    return Table("Events", ["Type", "Number", "At (UTC)"], rows, _note(len(found)))


def _row(*cells: Any, **values: Any) -> Row:
    details = [Detail(name, pretty(value)) for name, value in values.items() if value is not None]
    return Row(list(cells), details)


def _note(found: int) -> str:
    return f"Only {_MOST} are shown." if found > _MOST else ""
