"""`orchestrator.publish_event`: a step says that something has happened."""

from functools import partial
from typing import Any, Final

from pipelines import Tool, ToolCall
from tasks_app.services import publications
from tasks_app.tools.asking import ask_once

ADDRESS: Final = "orchestrator.publish_event"


def _publish(given: dict[str, Any], call: ToolCall) -> Any:
    topic = given["topic"]
    publish = partial(publications.publish_once, topic=topic, payload=given.get("payload", {}))
    return ask_once(call, publish, refused="event.refused", topic=topic)


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
