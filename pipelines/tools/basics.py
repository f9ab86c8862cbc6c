"""Which tools need nothing but their input? Doing nothing, echoing, logging, waiting, transforming."""

import logging
from typing import Any

from pipelines.calls import LONGEST_WAIT_IN_PLACE, ToolCall
from pipelines.catalogue import Tool
from pipelines.errors import Park
from pipelines.expressions.compiler import compile_query, is_true

_LONGEST_SLEEP = 604_800  # seconds: a week
_LONGEST_LOG_LINE = 2_000
_CONTEXTS = ("context", "data")
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

logger = logging.getLogger("ordinaut.debug")


def _nothing(_input: Any, _call: ToolCall) -> dict[str, Any]:
    return {}


def _echo(given: Any, _call: ToolCall) -> Any:
    return given


def _log(given: dict[str, Any], call: ToolCall) -> dict[str, Any]:
    said = given.get("text", given.get("message"))
    line = _printable(str(said)[:_LONGEST_LOG_LINE])
    logger.log(_LEVELS[given.get("level", "info")], "step %s: %s", call.step, line)
    return {"logged": True}


def _printable(text: str) -> str:
    # What a step logs must not pass for lines, or terminal commands, of its own.
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _slept(given: dict[str, Any], _call: ToolCall) -> dict[str, Any]:
    return {"slept_seconds": given["seconds"]}


def _sleep(given: dict[str, Any], call: ToolCall) -> dict[str, Any]:
    seconds, slept = given["seconds"], _slept(given, call)
    if seconds > LONGEST_WAIT_IN_PLACE:
        raise Park(seconds, output=slept)
    call.wait(seconds)
    return slept


def _transform(given: dict[str, Any], _call: ToolCall) -> Any:
    if "expression" not in given:
        return given["value"]
    return compile_query(given["expression"])(given["value"])


def _evaluate(given: dict[str, Any], _call: ToolCall) -> dict[str, Any]:
    place = next((name for name in _CONTEXTS if name in given), None)
    value = given[place] if place else {name: inner for name, inner in given.items() if name != "expression"}
    result = compile_query(given["expression"])(value)
    return {"result": result, "truth": is_true(result)}


NOOP = Tool(
    "noop",
    _nothing,
    pure=True,
    safe_to_retry=True,
    description="Does nothing; takes any input.",
    examples=({},),
    simulate=_nothing,
)
ECHO, ECHO_TEST = (
    Tool(
        address,
        _echo,
        pure=True,
        safe_to_retry=True,
        description="Returns its input.",
        examples=({"input": {"city": "Chisinau"}, "output": {"city": "Chisinau"}},),
        simulate=_echo,
    )
    for address in ("debug.echo", "echo.test")
)
LOG = Tool(
    "debug.log",
    _log,
    input_schema={
        "type": "object",
        "properties": {"text": {}, "message": {}, "level": {"enum": list(_LEVELS)}},
        "minProperties": 1,
        "additionalProperties": False,
    },
    output_schema={"type": "object"},
    pure=True,
    safe_to_retry=True,
    description="Writes `text` (or `message`) to the worker's log, escaped and cut at 2000 characters.",
    examples=({"input": {"text": "hello"}, "output": {"logged": True}},),
    simulate=_log,
)
SLEEP = Tool(
    "system.sleep",
    _sleep,
    input_schema={
        "type": "object",
        "properties": {"seconds": {"type": "number", "minimum": 0, "maximum": _LONGEST_SLEEP}},
        "required": ["seconds"],
        "additionalProperties": False,
    },
    output_schema={"type": "object"},
    pure=False,  # it is recorded when it is over: a run that goes on elsewhere does not sleep again
    safe_to_retry=True,
    description="Waits up to a week. Beyond 5 seconds the run is parked and holds no worker.",
    examples=({"input": {"seconds": 20}, "output": {"slept_seconds": 20}},),
    simulate=_slept,
)
TRANSFORM = Tool(
    "system.transform",
    _transform,
    input_schema={
        "type": "object",
        "properties": {"value": {}, "expression": {"type": "string", "format": "expression"}},
        "required": ["value"],
        "additionalProperties": False,
    },
    pure=True,
    safe_to_retry=True,
    description="Returns `value`, or what the JMESPath `expression` makes of it; what is missing is null.",
    examples=({"input": {"value": {"items": [{"n": 1}]}, "expression": "items[].n"}, "output": [1]},),
    simulate=_transform,
)
EVALUATE = Tool(
    "system.evaluate",
    _evaluate,
    input_schema={
        "type": "object",
        "properties": {"expression": {"type": "string", "format": "expression"}, "context": {}, "data": {}},
        "required": ["expression"],
        "not": {"required": list(_CONTEXTS)},
    },
    output_schema={"type": "object"},
    pure=True,
    safe_to_retry=True,
    description=(
        "Evaluates the JMESPath `expression` over `context` (or `data`, the same), else over the other fields of its input; "
        "what is missing is null. `truth` says whether the result counts as true in an `if`."
    ),
    examples=(
        {
            "input": {"expression": "total > limit", "context": {"total": 12, "limit": 10}},
            "output": {"result": True, "truth": True},
        },
    ),
    simulate=_evaluate,
)

BASIC_TOOLS = (NOOP, ECHO, ECHO_TEST, LOG, SLEEP, TRANSFORM, EVALUATE)
