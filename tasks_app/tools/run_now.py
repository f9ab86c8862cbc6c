"""`orchestrator.run_now`: a step has another task of the same agent run at once."""

from functools import partial
from typing import Any, Final

from pipelines import Tool, ToolCall
from tasks_app.services import making
from tasks_app.services.making import Wanted
from tasks_app.tools.asking import ask_once

RUN_FIELDS: Final = {"task": {"type": "string", "minLength": 1, "maxLength": 200}, "params": {"type": "object"}}


def _run_now(given: dict[str, Any], call: ToolCall) -> Any:
    wanted = Wanted(task=given["task"], params=given.get("params", {}))
    return ask_once(call, partial(making.make_run_once, wanted=wanted))


RUN_NOW: Final = Tool(
    "orchestrator.run_now",
    _run_now,
    input_schema={
        "type": "object",
        "properties": RUN_FIELDS,
        "required": ["task"],
        "additionalProperties": False,
    },
    output_schema={"type": "object"},
    pure=False,
    safe_to_retry=True,
    scopes=frozenset({"runs:write"}),
    description=(
        "Queues a run of the task with this id or title, one of the agent's own, with `params` laid over the task's. Once for "
        "each step of a run; it does not wait for the run."
    ),
    examples=(
        {
            "input": {"task": "client_follow_up", "params": {"client_id": 7}},
            "output": {
                "run_id": "0190c1d2-0000-7000-8000-000000000000",
                "task_id": "0190c1d2-0000-7000-8000-000000000001",
                "start_at": "2026-11-21T12:00:00+00:00",
            },
        },
    ),
)
