"""How states, moments, durations and JSON values look on the operators' pages."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from tasks_app.states import AttemptOutcome, BreakerState, RunState, StepState, TaskStatus, ToolApproval, WorkerState

Shown = TypeVar("Shown", bound=Callable[..., Any])

COLOURS: Final[dict[str, str]] = {
    TaskStatus.ACTIVE: "success",
    TaskStatus.PAUSED: "warning",
    TaskStatus.COMPLETED: "info",
    RunState.RUNNING: "info",
    RunState.WAITING: "warning",
    RunState.SUCCEEDED: "success",
    RunState.FAILED: "danger",
    RunState.TIMED_OUT: "danger",
    RunState.DEAD: "danger",
    AttemptOutcome.RETRIED: "warning",
    AttemptOutcome.LOST: "danger",
    StepState.SKIPPED: "info",
    StepState.UNKNOWN: "warning",
    StepState.PENDING: "warning",
    StepState.RETRYING: "warning",
    StepState.REFUSED: "danger",
    BreakerState.CLOSED: "success",
    BreakerState.OPEN: "danger",
    BreakerState.RECOVERING: "warning",
    WorkerState.STOPPING: "warning",
    WorkerState.LOST: "danger",
    ToolApproval.APPROVED: "success",
    ToolApproval.CHANGED: "warning",
    "simulated": "warning",
}
SIMULATED: Final = "simulated"
_LONGEST_JSON: Final = 20_000  # characters; a page with a megabyte in it helps nobody


def column(heading: str, **options: Any) -> Callable[[Shown], Shown]:
    """A method as a column of a list or a field of a page; `options` are those of unfold's `display`."""
    decorator: Callable[[Shown], Shown] = display(description=heading, **options)
    return decorator


def badge(state: str | None) -> SafeString | None:
    """A state in its colour."""
    if not state:
        return None
    words = {"type": COLOURS.get(state), "text": state.replace("_", " ")}
    return render_to_string("unfold/helpers/label.html", words)


def run_badge(state: str | None, *, simulated: bool) -> SafeString | None:
    """A run's state; of a simulated one, with the word that says so."""
    shown = badge(state)
    return format_html("{} {}", shown, badge(SIMULATED)) if simulated else shown


def in_utc(moment: datetime | None) -> str | None:
    """`2026-11-21 12:39:53`; its heading must say UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if moment else None


def lasted(duration: timedelta | None) -> str | None:
    """`0.213 s`, `12.4 s`, `3 min 05 s` or `2 h 03 min`: what an eye can compare."""
    if duration is None:
        return None
    seconds = max(duration.total_seconds(), 0.0)
    if seconds < 10:
        return f"{seconds:.3f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"


def pretty(value: Any) -> str:
    """Indented JSON; the end of a very long one is left out and said to be."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if len(text) <= _LONGEST_JSON:
        return text
    return f"{text[:_LONGEST_JSON]}\n… {len(text) - _LONGEST_JSON} more characters"


def json_block(value: Any) -> SafeString | None:
    """Indented JSON as an element of a page, or nothing for null."""
    return None if value is None else format_html('<pre class="ordinaut-json">{}</pre>', pretty(value))
