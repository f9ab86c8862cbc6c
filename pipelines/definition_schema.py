"""Which JSON Schema (draft 2020-12) does a pipeline's definition fit, as an editor can use it?

Whatever it refuses, `parse` refuses, too: both read the same constants. It cannot say everything: whether names are unique
and expressions are right, `parse` alone knows.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from pipelines.catalogue import Catalogue
from pipelines.names import NAME
from pipelines.parsing import MAX_DESCRIPTION, MAX_STEPS
from pipelines.spec import KEY, KEY_RULE
from pipelines.step_fields import (
    LEAST_DELAY,
    LONGEST_DELAY,
    MAX_RETRIES,
    MAX_TIMEOUT_SECONDS,
    MAX_TTL_SECONDS,
    RETRIES_OF_RETRY,
    STRATEGIES,
)

Schema: TypeAlias = dict[str, Any]

_STEPS: Final = {"$ref": "#/$defs/steps"}
_CASES: Final = {"type": "array", "items": {"type": "object", "properties": {"then": _STEPS, "steps": _STEPS}}}
# The inputs of tools that hold lists of steps themselves.
_BODIES: Final[Mapping[str, Schema]] = {
    "pipeline.foreach": {"body": _STEPS},
    "pipeline.parallel": {
        "branches": {"anyOf": [{"type": "array", "items": _STEPS}, {"type": "object", "additionalProperties": _STEPS}]}
    },
    "orchestrator.conditional_execution": {"then": _STEPS, "else": _STEPS},
    "orchestrator.conditional_logic": {"cases": _CASES, "conditions": _CASES, "else": _STEPS, "default": _STEPS},
}
_TEMPLATE: Final = {"type": "string", "pattern": r"\$\{", "description": "A template: ${params.city}."}


def definition_schema(tools: Catalogue | None = None) -> Schema:
    """The schema of `{"params": {...}, "pipeline": [step, ...]}`; with `tools`, `uses` is one of their addresses."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Pipeline",
        "description": "What a task does: tool calls, in the order of the list unless they say otherwise.",
        "type": "object",
        "properties": {
            "params": {
                "title": "Parameters",
                "description": "Values that templates read as ${params.name}; a run may overrule them one by one.",
                "type": "object",
                "default": {},
            },
            "pipeline": {
                "$ref": "#/$defs/steps",
                "title": "Steps",
                "description": f"At least one step, at most {MAX_STEPS}.",
            },
        },
        "required": ["pipeline"],
        "additionalProperties": False,
        "$defs": {
            "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}, "minItems": 1, "maxItems": MAX_STEPS},
            "step": _step(tools),
            "name": {"type": "string", "pattern": f"^{NAME.pattern}$"},
            "delay": {"type": "number", "minimum": LEAST_DELAY, "maximum": LONGEST_DELAY},
        },
    }


def _step(tools: Catalogue | None) -> Schema:
    return {
        "title": "Step",
        "description": "One tool call.",
        "type": "object",
        "properties": {**_what(tools), **_when(), **_how_often()},
        "required": ["uses"],
        "additionalProperties": False,
        "not": {"required": ["max_retries", "retry_count"]},
        "dependentRequired": {"idempotency_ttl_seconds": ["idempotency_key"]},
        "allOf": [_DELAY_NEEDS_RETRIES, *(_with_bodies(tool, bodies) for tool, bodies in _BODIES.items())],
    }


def _what(tools: Catalogue | None) -> Schema:
    return {
        "id": {
            "$ref": "#/$defs/name",
            "title": "Id",
            "description": "Later steps read its output as ${steps.<id>}. Without one it is step_N, N being its place from 1.",
        },
        "uses": _uses(tools),
        "with": {
            "title": "Input",
            "description": "The tool's input, in whose texts ${...} are filled in; or one ${...} that is all of it.",
            "anyOf": [{"type": "object"}, {"type": "string", "pattern": r"^\$\{"}, {"type": "null"}],
            "default": {},
        },
        "save_as": {
            "title": "Second name",
            "description": "Later steps can read its output under this name, too.",
            "anyOf": [{"$ref": "#/$defs/name"}, {"type": "null"}],
        },
        "description": {
            "title": "Description",
            "description": "What people are to know about it.",
            "type": "string",
            "maxLength": MAX_DESCRIPTION,
            "default": "",
        },
    }


def _uses(tools: Catalogue | None) -> Schema:
    uses: Schema = {
        "title": "Tool",
        "description": "The address of the tool that it calls.",
        "type": "string",
        "minLength": 1,
    }
    if tools is None:
        return uses | {"examples": ["debug.echo", "http.request"]}
    return uses | {"enum": sorted(tool.address for tool in tools)}


def _when() -> Schema:
    return {
        "if": {
            "title": "Condition",
            "description": "It is left out unless this holds: an expression, bare or in ${}.",
            "type": ["string", "boolean", "null"],
            "pattern": r"\S",
            "examples": ["steps.weather.temperature > 25"],
        },
        "depends_on": {
            "title": "Depends on",
            "description": "It begins the moment these steps are done, instead of in its turn.",
            "type": "array",
            "items": {"type": "string"},
        },
        "parallel_group": {
            "title": "Parallel group",
            "description": "Steps of one group that stand together begin together.",
            "anyOf": [{"$ref": "#/$defs/name"}, {"type": "null"}],
        },
    }


def _how_often() -> Schema:
    retries = {"type": "integer", "minimum": 0, "maximum": MAX_RETRIES, "default": 0}
    return {
        "timeout_seconds": {
            "title": "Timeout",
            "description": "Seconds that one try may take; without it, as many as its tool says.",
            "type": ["number", "null"],
            "exclusiveMinimum": 0,
            "maximum": MAX_TIMEOUT_SECONDS,
        },
        "max_retries": retries
        | {
            "title": "Retries",
            "description": f"How often it is tried again in a run. With on_error retry, {RETRIES_OF_RETRY} unless said.",
        },
        "retry_count": retries
        | {"title": "Retries", "description": "Another name of max_retries.", "deprecated": True},
        "retry_delay": {
            "title": "Delay of a retry",
            "description": "Seconds before each retry, or a list: one before each, the last before all that follow.",
            "anyOf": [
                {"$ref": "#/$defs/delay"},
                {"type": "array", "items": {"$ref": "#/$defs/delay"}, "minItems": 1, "maxItems": MAX_RETRIES},
            ],
        },
        "on_error": _on_error(),
        "idempotency_key": {
            "title": "Idempotency key",
            "description": f"By which its receiver knows a call that is made again. {KEY_RULE.capitalize()}.",
            "type": "string",
            "anyOf": [{"pattern": f"^{KEY.pattern}$"}, _TEMPLATE],
        },
        "idempotency_ttl_seconds": {
            "title": "How long the key holds",
            "description": "Seconds for which the output of a call under the same key stands for the call.",
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_TTL_SECONDS,
        },
    }


def _on_error() -> Schema:
    fallback = {
        "type": "object",
        "properties": {"strategy": {"const": "fallback"}, "fallback_value": {"description": "In place of its output."}},
        "required": ["strategy", "fallback_value"],
        "additionalProperties": False,
    }
    return {
        "title": "When it fails for good",
        "description": "What becomes of the run: it fails, goes on, or goes on with a value in place of the output.",
        "anyOf": [{"enum": list(STRATEGIES)}, fallback],
        "default": STRATEGIES[0],
    }


_DELAY_NEEDS_RETRIES: Final[Schema] = {
    "if": {"required": ["retry_delay"]},
    "then": {
        "anyOf": [
            {"required": ["max_retries"]},
            {"required": ["retry_count"]},
            {"properties": {"on_error": {"const": "retry"}}, "required": ["on_error"]},
        ]
    },
}


def _with_bodies(tool: str, bodies: Schema) -> Schema:
    """What the input of a tool is that carries out steps itself."""
    return {
        "if": {"properties": {"uses": {"const": tool}}, "required": ["uses"]},
        "then": {"properties": {"with": {"properties": bodies}}},
    }
