"""`policy.quiet_hours_gate`: what follows is not done while it is quiet."""

from datetime import UTC
from functools import partial
from typing import Any, Final
from uuid import UUID

from pipelines import Park, Tool, ToolCall
from tasks_app.exceptions import InvalidRequest
from tasks_app.services import gates
from tasks_app.tools.asking import failure
from tasks_app.tools.connection import on_a_connection

_CLOCK: Final = {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$"}
_WINDOWS: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"from": _CLOCK, "to": _CLOCK, "days": {"type": "array", "items": {"type": "string"}}},
        "required": ["from", "to"],
        "additionalProperties": False,
    },
}


def _gate(given: dict[str, Any], call: ToolCall) -> Any:
    windows = given.get("windows", given.get("quiet_hours"))
    ask = partial(gates.quiet_now, UUID(call.run_id), windows=windows, timezone=given.get("timezone"))
    try:
        quiet = on_a_connection(ask, call)
    except InvalidRequest as refusal:
        raise failure("invalid_input", refusal) from None
    if quiet is None:
        return {"allowed": True}
    until = quiet.until.astimezone(UTC).isoformat()
    action = given.get("action", "defer")
    if action == "skip":
        return {"allowed": False, "until": until}
    if action == "fail":
        raise failure("quiet_hours", f"It is quiet until {until}.")
    raise Park(quiet.seconds, output={"allowed": True, "deferred_to": until})


QUIET_HOURS_GATE: Final = Tool(
    "policy.quiet_hours_gate",
    _gate,
    input_schema={
        "type": "object",
        "properties": {
            "windows": _WINDOWS,
            "quiet_hours": _WINDOWS,
            "timezone": {"type": "string", "maxLength": 64},
            "action": {"enum": ["defer", "skip", "fail"]},
        },
        "not": {"required": ["windows", "quiet_hours"]},
        "additionalProperties": False,
    },
    output_schema={"type": "object"},
    pure=False,  # it is recorded: a run that goes on elsewhere has passed the gate
    safe_to_retry=True,
    description=(
        "Lets the run pass outside of `windows` of local time, those of the task if none are given. Inside of one the run is parked "
        "until its end (defer), the output says `allowed` false (skip), or the step fails (fail)."
    ),
    examples=(
        {
            "input": {"windows": [{"from": "22:00", "to": "07:00"}], "timezone": "Europe/Chisinau", "action": "skip"},
            "output": {"allowed": False, "until": "2026-11-22T05:00:00+00:00"},
        },
    ),
)
