"""Which tools are made of other steps? They are described here; the engine carries them out, without a call."""

from typing import Any, Final

from pipelines import block_fields
from pipelines.calls import ToolCall
from pipelines.catalogue import Tool
from pipelines.errors import StepFailed

_STEPS: Final = {"type": "array", "items": {"type": "object"}, "minItems": 1, "description": "A list of steps."}
_CONDITION: Final = {"type": ["string", "boolean"]}
_CONCURRENCY: Final = {"type": "integer", "minimum": 1, "maximum": block_fields.MAX_CONCURRENCY}
_POLICY: Final = {"enum": ["fail", "continue"]}


def _not_by_a_call(_given: Any, call: ToolCall) -> None:
    message = f"step {call.step!r} holds other steps, which only a pipeline can; write it as a step of one"
    raise StepFailed.permanently("not_callable", message)


def _block(
    address: str, description: str, schema: dict[str, Any], example: dict[str, Any], *, required: list[str]
) -> Tool:
    return Tool(
        address,
        _not_by_a_call,
        input_schema={"type": "object", "properties": schema, "required": required, "additionalProperties": False},
        pure=True,
        safe_to_retry=True,
        description=description,
        examples=(example,),
    )


FOREACH: Final = _block(
    block_fields.FOREACH,
    "Runs the steps of `body` for each of the `items`, which see `item` and `index`; up to `concurrency` items at once. Its output "
    "is the list of what the last step of the body came to for each.",
    {
        "items": {"type": ["array", "string"]},
        "items_path": {"type": "string", "minLength": 1},
        "body": _STEPS,
        "concurrency": _CONCURRENCY,
        "max_concurrency": _CONCURRENCY,
        "on_item_error": _POLICY,
        "max_items": {"type": "integer", "minimum": 1, "maximum": block_fields.MAX_ITEMS},
    },
    {
        "input": {"items": [1, 2], "body": [{"uses": "debug.echo", "with": {"n": "${item}"}}]},
        "output": [{"n": 1}, {"n": 2}],
    },
    required=["body"],
)
PARALLEL: Final = _block(
    block_fields.PARALLEL,
    "Runs lists of steps beside each other. Its output is what the last step of each came to: a list, or an object where the "
    "`branches` have names.",
    {
        "branches": {"type": ["array", "object"]},
        "concurrency": _CONCURRENCY,
        "max_concurrency": _CONCURRENCY,
        "on_branch_error": _POLICY,
    },
    {
        "input": {"branches": {"a": [{"uses": "debug.echo", "with": {"n": 1}}], "b": [{"uses": "noop"}]}},
        "output": {"a": {"n": 1}, "b": {}},
    },
    required=["branches"],
)
EXECUTION: Final = _block(
    block_fields.EXECUTION,
    "Runs the steps of `then` if the `condition` holds, else those of `else`. Its output is what the last of them came to; "
    "null where there is none.",
    {"condition": _CONDITION, "then": _STEPS, "else": _STEPS},
    {
        "input": {"condition": "1 > 2", "then": [{"uses": "noop"}], "else": [{"uses": "debug.echo", "with": {"n": 2}}]},
        "output": {"n": 2},
    },
    required=["condition", "then"],
)
_CASES: Final = {"type": "array", "items": {"type": "object"}, "minItems": 1}
LOGIC: Final = _block(
    block_fields.LOGIC,
    "Runs the steps of the first of its `cases` whose `if` holds, else those of `else`. Its output is what the last of them "
    "came to; null where there is none.",
    {"cases": _CASES, "conditions": _CASES, "else": _STEPS, "default": _STEPS},
    {
        "input": {
            "cases": [{"if": "1 > 2", "then": [{"uses": "noop"}]}],
            "else": [{"uses": "debug.echo", "with": {"n": 2}}],
        },
        "output": {"n": 2},
    },
    required=[],
)

BLOCKS: Final = (FOREACH, PARALLEL, EXECUTION, LOGIC)
