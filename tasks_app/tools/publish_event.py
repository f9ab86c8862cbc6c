"""`orchestrator.publish_event`: a step says that something has happened."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from pipelines import StepFailed, Tool, ToolCall, ToolFailure
from tasks_app.exceptions import CausationTooDeep, InvalidRequest, NotPermitted
from tasks_app.services import publications
from tasks_app.tools.connection import on_a_connection

ADDRESS: Final = "orchestrator.publish_event"


def _publish(given: dict[str, Any], call: ToolCall) -> Any:
    return on_a_connection(partial(_published, given, call), call)


def _published(given: dict[str, Any], call: ToolCall) -> Any:
    about = publications.Source(
        run=UUID(call.run_id),
        step=call.step,
        agent=UUID(call.agent_id),
        request_id=call.request_id,
        depth=call.causation,
    )
    try:
        return publications.publish_once(about, given["topic"], given.get("payload", {}))
    except CausationTooDeep as refusal:
        publications.note_refusal(about, given["topic"], refusal)
        raise _failure("causation_too_deep", refusal) from None
    except InvalidRequest as refusal:
        raise _failure("invalid_input", refusal) from None
    except NotPermitted as refusal:
        raise _failure("not_permitted", refusal) from None


def _failure(code: str, why: Exception) -> ToolFailure:
    return ToolFailure(StepFailed.permanently(code, str(why)).error)


PUBLISH_EVENT: Final = Tool(
    ADDRESS,
    _publish,
    input_schema={
        "type": "object",
        "properties": {
            "topic": {"type": "string", "maxLength": 200, "pattern": r"^[a-z0-9_-]+(\.[a-z0-9_-]+)*$"},
            "payload": {"type": "object"},
        },
        "required": ["topic"],
        "additionalProperties": False,
    },
    output_schema={"type": "object"},
    pure=False,
    safe_to_retry=True,
    scopes=frozenset({"events:publish"}),
    description=(
        "Publishes an event as the run's agent, once for each step of a run. Answers its id and the runs that it made. Runs of "
        "events may set each other off eight times in a row, then the step fails."
    ),
    examples=(
        {
            "input": {"topic": "orders.paid", "payload": {"order": "A-17"}},
            "output": {"id": "0190c1d2-0000-7000-8000-000000000000", "topic": "orders.paid", "runs": []},
        },
    ),
)
