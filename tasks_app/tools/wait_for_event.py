"""`orchestrator.wait_for_event`: a run goes on when something has happened."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from pipelines import Park, Tool, ToolCall
from tasks_app import event_waits
from tasks_app.tools.connection import on_a_connection

_WEEK: Final = 604_800  # seconds
_YEAR: Final = 31_622_400


def _wait(given: dict[str, Any], call: ToolCall) -> Any:
    register = partial(
        event_waits.register,
        UUID(call.run_id),
        call.step,
        agent=UUID(call.agent_id),
        pattern=given["topic"],
        match=given.get("match", ""),
    )
    event = on_a_connection(register, call)
    if event is None:
        raise Park(given.get("timeout_seconds", _WEEK), waiting_for="event")
    return event


WAIT_FOR_EVENT: Final = Tool(
    "orchestrator.wait_for_event",
    _wait,
    input_schema={
        "type": "object",
        "properties": {
            "topic": {
                "type": "string",
                "maxLength": 200,
                "pattern": r"^(\*|[a-z0-9_-]+(\.[a-z0-9_-]+)*(\.\*)?)$",
            },
            "match": {"type": "string", "format": "expression", "maxLength": 1000},
            "timeout_seconds": {"type": "number", "minimum": 1, "maximum": _YEAR},
            "on_timeout": {"enum": ["fail", "continue"]},
        },
        "required": ["topic"],
        "additionalProperties": False,
    },
    output_schema={"type": ["object", "null"]},
    pure=False,
    safe_to_retry=True,
    description=(
        "Parks the run until an event of the topic, or of a branch such as orders.*, is published of which `match`, a JMESPath "
        "expression over its payload, holds. Events count from the moment the step begins. After `timeout_seconds` (a week) the "
        "step fails, or with `on_timeout` continue goes on with null."
    ),
    examples=(
        {
            "input": {"topic": "orders.paid", "match": "order == 'A-17'"},
            "output": {
                "id": "0190c1d2-0000-7000-8000-000000000000",
                "topic": "orders.paid",
                "payload": {"order": "A-17"},
                "at": "2026-11-21T12:00:00+00:00",
            },
        },
    ),
)
