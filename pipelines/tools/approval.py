"""Which tool waits for a person's word?"""

from typing import Any

from pipelines.calls import ToolCall
from pipelines.catalogue import Tool
from pipelines.errors import Park

ADDRESS = "orchestrator.request_approval"
_WEEK = 604_800  # seconds
_YEAR = 31_622_400


def _request(given: dict[str, Any], _call: ToolCall) -> None:
    raise Park(given.get("timeout_seconds", _WEEK), waiting_for="approval")


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
            "timeout_seconds": {"type": "number", "minimum": 1, "maximum": _YEAR},
            "on_timeout": {"enum": ["fail", "approve", "reject"]},
            "on_reject": {"enum": ["fail", "continue"]},
        },
        "required": ["message"],
        "additionalProperties": False,
    },
    output_schema={"type": "object"},
    pure=False,
    safe_to_retry=True,
    description=(
        "Parks the run until somebody approves or rejects it, at most `timeout_seconds` (a week). `approvers` are user:<name> "
        "or agent:<id>; without them, whoever may change the run. A rejection fails the step unless `on_reject` is continue."
    ),
    examples=(
        {
            "input": {"message": "Pay 20 EUR to A-17?", "approvers": ["user:anna"]},
            "output": {"approved": True, "by": "user:anna", "comment": "", "at": "2026-11-21T12:00:00+00:00"},
        },
    ),
)
