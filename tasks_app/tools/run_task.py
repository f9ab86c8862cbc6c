"""`pipeline.run_task`: a step has another task of the same agent run, and waits for its end without a worker."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from pipelines import Interrupted, Park, Tool, ToolCall
from tasks_app import child_waits
from tasks_app.child_waits import ParentCanceled
from tasks_app.models import Run
from tasks_app.services import making
from tasks_app.services.making import Wanted
from tasks_app.states import RunState
from tasks_app.tools.asking import ask_once, failure
from tasks_app.tools.connection import on_a_connection
from tasks_app.tools.run_now import RUN_FIELDS

_WEEK: Final = 604_800  # seconds
_YEAR: Final = 31_622_400


def _run_task(given: dict[str, Any], call: ToolCall) -> Any:
    wanted = Wanted(task=given["task"], params=given.get("params", {}))
    wait = given.get("wait", True)
    try:
        made = ask_once(call, partial(making.make_child_once if wait else making.make_run_once, wanted=wanted))
        if not wait:
            return {"run_id": made["run_id"], "status": str(RunState.QUEUED)}
        outcome = on_a_connection(partial(_outcome, UUID(made["run_id"]), UUID(call.run_id)), call)
    except ParentCanceled:
        raise Interrupted from None
    if outcome is None:
        raise Park(given.get("timeout_seconds", _WEEK), waiting_for="child_run")
    if outcome["status"] != RunState.SUCCEEDED and given.get("on_child_error") != "continue":
        raise failure("child_failed", child_waits.why_failed(outcome))
    return outcome


def _outcome(child: UUID, parent: UUID) -> dict[str, Any] | None:
    try:
        ended = child_waits.look(child, parent=parent)
    except Run.DoesNotExist:
        raise failure(
            "child_failed", f"Run {child} is there no more: its task was deleted, or it was pruned."
        ) from None
    return child_waits.outcome_of(ended) if ended else None


RUN_TASK: Final = Tool(
    "pipeline.run_task",
    _run_task,
    input_schema={
        "type": "object",
        "properties": {
            **RUN_FIELDS,
            "wait": {"type": "boolean"},
            "timeout_seconds": {"type": "number", "minimum": 1, "maximum": _YEAR},
            "on_timeout": {"enum": ["fail", "continue"]},
            "on_child_error": {"enum": ["fail", "continue"]},
        },
        "required": ["task"],
        "additionalProperties": False,
    },
    output_schema={"type": ["object", "null"]},
    pure=False,
    safe_to_retry=True,
    scopes=frozenset({"runs:write"}),
    description=(
        "Makes a run of the task with this id or title, one of the agent's own, with `params` laid over the task's, and parks "
        "until it has ended, `timeout_seconds` at most (a week). One that does not succeed fails the step, unless `on_child_error` "
        "is continue. With `wait` false it does not wait. Once for each step of a run."
    ),
    examples=(
        {
            "input": {"task": "make_report", "params": {"month": "2026-11"}},
            "output": {
                "run_id": "0190c1d2-0000-7000-8000-000000000000",
                "status": "succeeded",
                "output": {"pages": 12},
            },
        },
    ),
)
