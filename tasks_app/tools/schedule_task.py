"""`orchestrator.schedule_task`: a step plans one run of another task of the same agent."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from pipelines import Tool, ToolCall
from tasks_app.services import making
from tasks_app.services.making import LONGEST_DELAY, Start, Wanted
from tasks_app.tools.asking import ask_once, failure
from tasks_app.tools.run_now import RUN_FIELDS

_UNITS: Final = {"delay_hours": "hours", "delay_minutes": "minutes", "delay_seconds": "seconds"}


def _schedule_task(given: dict[str, Any], call: ToolCall) -> Any:
    wanted = Wanted(task=given["task"], params=given.get("params", {}), start=_start(given))
    return ask_once(call, partial(making.make_run_once, wanted=wanted))


def _start(given: dict[str, Any]) -> Start:
    if "at" in given:
        try:
            return Start(at=datetime.fromisoformat(given["at"]))
        except ValueError:
            why = f"/at {given['at'][:40]!r} is no instant: write 2026-01-31T09:00:00+02:00"
            raise failure("invalid_input", why) from None
    after = sum((timedelta(**{unit: given.get(name, 0)}) for name, unit in _UNITS.items()), timedelta())
    if after > LONGEST_DELAY:
        raise failure("invalid_input", f"a run is planned {LONGEST_DELAY.days} days ahead at most")
    return Start(after=after)


def _delay(unit: timedelta) -> dict[str, Any]:
    return {"type": "number", "minimum": 0, "maximum": LONGEST_DELAY / unit}


SCHEDULE_TASK: Final = Tool(
    "orchestrator.schedule_task",
    _schedule_task,
    input_schema={
        "type": "object",
        "properties": {
            **RUN_FIELDS,
            "delay_hours": _delay(timedelta(hours=1)),
            "delay_minutes": _delay(timedelta(minutes=1)),
            "delay_seconds": _delay(timedelta(seconds=1)),
            "at": {"type": "string", "maxLength": 40},
        },
        "required": ["task"],
        "oneOf": [
            {"required": ["at"]},
            {"anyOf": [{"required": [name]} for name in _UNITS]},
        ],
        "additionalProperties": False,
    },
    output_schema={"type": "object"},
    pure=False,
    safe_to_retry=True,
    scopes=frozenset({"runs:write"}),
    description=(
        "Plans one run of the task with this id or title, one of the agent's own, with `params` laid over the task's. It begins "
        "after `delay_hours`, `delay_minutes` and `delay_seconds`, which add up, or `at` an instant, at most 366 days ahead. Once "
        "for each step of a run."
    ),
    examples=(
        {
            "input": {"task": "client_follow_up", "delay_hours": 24, "params": {"client_id": 7}},
            "output": {
                "run_id": "0190c1d2-0000-7000-8000-000000000000",
                "task_id": "0190c1d2-0000-7000-8000-000000000001",
                "start_at": "2026-11-22T12:00:00+00:00",
            },
        },
    ),
)
