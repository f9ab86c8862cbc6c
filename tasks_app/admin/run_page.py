"""What the page of a run shows beside its fields: its pipeline, attempts, steps and events.

Attempts, steps and definitions have composite keys, which Django's admin cannot register: here they are
read, shaped and handed to a template.
"""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from tasks_app import waits
from tasks_app.admin.appearance import badge, in_utc, lasted, pretty, run_badge
from tasks_app.admin.run_actions import buttons_for
from tasks_app.masking import masked
from tasks_app.models import Attempt, OutboxEntry, Run, Step, TaskDefinition
from tasks_app.services import approval_links, run_steps
from tasks_app.services.run_steps import ShownStep
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
    found = run_steps.shown_steps(run)
    rows = [_step(shown, position, run) for position, shown in enumerate(found.steps[:_MOST], 1)]
    notes = [f"{number} more inside {parent} are not shown." for parent, number in found.left_out.items()]
    headers = ["State", "Position", "Step", "Tool", "Attempt", "ms", "Failed tries"]
    return Table("Steps", headers, rows, " ".join(filter(None, [_note(len(found.steps)), *notes])))


def _step(shown: ShownStep, position: int, run: Run) -> Row:
    step, attempt, _ = shown.recorded
    row = _row(
        _how_it_ended(step, simulated=run.simulated),
        position,
        step.step,
        step.tool,
        attempt,
        step.duration_ms,
        step.failures or None,
        error=step.error,
        input=shown.input,
        **{"fallback" if step.mark == "fallback" else "output": shown.output},
    )
    address = f"/api/v1/runs/{run.pk}?step={step.step}"
    cut = [Detail(f"{name}: {size} bytes", f"To be read at {address}") for name, size in shown.cut.items()]
    return Row(row.cells, [*row.details, *cut])


def _how_it_ended(step: Step, *, simulated: bool) -> SafeString | None:
    """Its state, and how the run went on over its failure."""
    state = run_badge(step.state, simulated=simulated)
    return format_html("{} {}", state, badge(step.mark)) if step.mark else state


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
