"""Which tool waits for a person's word?"""

from typing import Any, Final

from pipelines.calls import ToolCall
from pipelines.catalogue import Tool
from pipelines.errors import Park, StepFailed
from pipelines.values import UnfitValue, spend

ADDRESS = "orchestrator.request_approval"
_WEEK = 604_800  # seconds
_YEAR = 31_622_400
_HOUR = 3600
_MOST_DATA = 16_000  # bytes as JSON: whoever decides is to read it


def _request(given: dict[str, Any], _call: ToolCall) -> None:
    try:
        spend(given.get("data"), _MOST_DATA)
    except UnfitValue as unfit:
        message = f"/data{unfit.pointer} {unfit.reason}; it holds {_MOST_DATA // 1000} kB at most, so name where more is to be read"
        raise StepFailed.permanently("invalid_input", message) from None
    hours = given.get("timeout_hours")
    seconds = given.get("timeout_seconds", _WEEK) if hours is None else hours * _HOUR
    raise Park(seconds, waiting_for="approval")


def _approved(_given: dict[str, Any], _call: ToolCall) -> dict[str, Any]:
    return {**_EXAMPLE, "by": "simulation"}


_EXAMPLE: Final = {
    "status": "approved",
    "approved": True,
    "by": "user:anna",
    "comment": "",
    "at": "2026-11-21T12:00:00+00:00",
}

REQUEST_APPROVAL = Tool(
    ADDRESS,
    _request,
    input_schema={
        "type": "object",
        "properties": {
            "message": {"type": "string", "minLength": 1, "maxLength": 4000},
            "approvers": {
                "type": "array",
                "items": {"type": "string", "pattern": "^(user|agent):.{1,150}$"},
                "minItems": 1,
                "maxItems": 50,
            },
            "data": {},
            "timeout_seconds": {"type": "number", "minimum": 1, "maximum": _YEAR},
            "timeout_hours": {"type": "number", "minimum": 1 / _HOUR, "maximum": _YEAR / _HOUR},
            "on_timeout": {"enum": ["fail", "approve", "reject", "continue"]},
            "on_reject": {"enum": ["fail", "continue"]},
        },
        "required": ["message"],
        "not": {"required": ["timeout_seconds", "timeout_hours"]},
        "additionalProperties": False,
    },
    output_schema={"type": "object"},
    pure=False,
    safe_to_retry=True,
    description=(
        "Parks the run until somebody approves or rejects it, at most `timeout_seconds` or `timeout_hours` (a week). `data` is "
        "shown beside the message. `approvers` are user:<name> or agent:<id>; without them, whoever may change the run. A rejection "
        "fails the step unless `on_reject` is continue, and so does silence unless `on_timeout` says something else."
    ),
    examples=(
        {
            "input": {"message": "Pay 20 EUR to A-17?", "approvers": ["user:anna"]},
            "output": _EXAMPLE,
        },
    ),
    simulate=_approved,
)
