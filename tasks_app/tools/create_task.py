"""`orchestrator.create_task`: a step makes a task of the same agent."""

from datetime import datetime
from functools import partial
from typing import Any, Final

from pipelines import Tool, ToolCall
from tasks_app.services import making
from tasks_app.states import BackoffStrategy, CalendarPolicy, MisfirePolicy, OverlapPolicy, ScheduleKind
from tasks_app.tools.asking import ask_once, failure

_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "integer", "minimum": 0, "maximum": 2_147_483_647}
_INSTANT: Final = {"type": "string", "maxLength": 40}
_INSTANTS: Final = ("starts_at", "ends_at")


def _create_task(given: dict[str, Any], call: ToolCall) -> Any:
    fields = {name: _instant(name, value) if name in _INSTANTS else value for name, value in given.items()}
    if "pipeline" in fields:
        fields["payload"] = {name: fields.pop(name) for name in ("params", "pipeline") if name in fields}
    return ask_once(call, partial(making.create_task_once, fields=fields))


def _instant(name: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        why = (
            f"/{name} {text!r} is no instant: write 2026-01-31T09:00:00+02:00, or without an offset for the task's zone"
        )
        raise failure("invalid_input", why) from None


def _one_of(choices: type[Any]) -> dict[str, Any]:
    return {"enum": list(choices.values)}


CREATE_TASK: Final = Tool(
    "orchestrator.create_task",
    _create_task,
    input_schema={
        "type": "object",
        "properties": {
            "title": _TEXT,
            "description": _TEXT,
            "schedule_kind": _one_of(ScheduleKind),
            "schedule_expr": _TEXT,
            "timezone": _TEXT,
            "dtstart": _INSTANT,
            "starts_at": _INSTANT,
            "ends_at": _INSTANT,
            "max_occurrences": _NUMBER,
            "calendar": _TEXT,
            "calendar_policy": _one_of(CalendarPolicy),
            "misfire_policy": _one_of(MisfirePolicy),
            "overlap_policy": _one_of(OverlapPolicy),
            "jitter_seconds": _NUMBER,
            "quiet_hours": {"type": "array"},
            "concurrency_key": _TEXT,
            "concurrency_limit": _NUMBER,
            "dedupe_key": _TEXT,
            "dedupe_window_seconds": _NUMBER,
            "payload": {"type": "object"},
            "params": {"type": "object"},
            "pipeline": {"type": "array"},
            "priority": _NUMBER,
            "max_retries": _NUMBER,
            "backoff_strategy": _one_of(BackoffStrategy),
            "retry_delay_seconds": _NUMBER,
            "timeout_seconds": _NUMBER,
            "queue_timeout_seconds": _NUMBER,
        },
        "required": ["title", "schedule_kind"],
        "oneOf": [{"required": ["payload"], "not": {"required": ["params"]}}, {"required": ["pipeline"]}],
        "additionalProperties": False,
    },
    output_schema={"type": "object"},
    pure=False,
    safe_to_retry=True,
    scopes=frozenset({"tasks:create"}),
    description=(
        "Makes a task of the agent's, with the fields that the API knows, once for each step of a run. Its pipeline stands under "
        "`payload`, or under `pipeline` and `params`."
    ),
    examples=(
        {
            "input": {
                "title": "Remind the client",
                "schedule_kind": "once",
                "schedule_expr": "2026-12-01T09:00:00",
                "pipeline": [{"uses": "debug.echo", "with": {"text": "Call them"}}],
            },
            "output": {
                "task_id": "0190c1d2-0000-7000-8000-000000000001",
                "title": "Remind the client",
                "status": "active",
                "next_run_at": "2026-12-01T09:00:00+00:00",
            },
        },
    ),
)
