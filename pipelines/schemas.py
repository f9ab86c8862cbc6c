"""Does a value fit a tool's JSON Schema (draft 2020-12)?

Compiled once per tool. A schema that allows everything, or any object, is checked without the `jsonschema` package:
validating costs it tens of microseconds even then. References leave the schema nowhere: the registry is empty.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from pipelines.expressions.compiler import InvalidExpression, compile_query
from pipelines.values import pointer_part

MAX_SCHEMA_BYTES = 16_000

Check: TypeAlias = Callable[[Any], None]
_FORMATS = FormatChecker(formats=())


class SchemaMismatch(ValueError):
    """A value breaks its schema at `pointer`; the message begins with the pointer."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(f"{pointer or '/'} {reason}")
        self.pointer = pointer
        self.reason = reason


@_FORMATS.checks("expression", raises=InvalidExpression)
def _is_expression(value: object) -> bool:
    if isinstance(value, str):
        compile_query(value)
    return True


def compile_schema(schema: Mapping[str, Any] | bool) -> Check | None:
    """A function that raises `SchemaMismatch`, or None where the schema allows everything.

    Raises `ValueError` if the schema itself is not valid, too large, or refers to anything outside itself.
    """
    if schema in ({}, True):
        return None
    if schema == {"type": "object"}:
        return _check_object
    if len(json.dumps(schema)) > MAX_SCHEMA_BYTES:
        raise ValueError(f"a schema has at most {MAX_SCHEMA_BYTES} bytes")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"the schema is not valid at {_pointer(error)}: {error.message}") from None
    validator = Draft202012Validator(schema, registry=Registry(), format_checker=_FORMATS)
    return _checker(validator)


def _check_object(value: Any) -> None:
    if type(value) is not dict:
        raise SchemaMismatch("", "is not an object")


def _checker(validator: Draft202012Validator) -> Check:
    def check(value: Any) -> None:
        try:
            error = next(validator.iter_errors(value), None)
        except (Unresolvable, RecursionError) as broken:
            raise SchemaMismatch("", f"cannot be checked: {broken}") from None
        if error is not None:
            raise _mismatch(error)

    return check


def _mismatch(error: ValidationError) -> SchemaMismatch:
    pointer = _pointer(error)
    wanted: Any = error.validator_value
    instance: Any = error.instance
    schema: Any = error.schema
    match error.validator:
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            reason = f"is not {' or '.join(map(_with_article, kinds))}"
        case "required":
            pointer += "/" + next(name for name in wanted if name not in instance)
            reason = "is missing"
        case "additionalProperties":
            known = sorted(schema.get("properties", {}))
            pointer += "/" + pointer_part(next((name for name in instance if name not in known), ""))
            reason = f"is not known; known are {', '.join(known)}"
        case "enum":
            reason = f"is not one of {', '.join(map(str, wanted))}"[:300]
        case "format" if error.cause is not None:
            reason = f"is not an expression: {error.cause}"
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            reason = f"is out of range ({error.validator} is {wanted})"
        case _:
            reason = f"does not fit its schema ({error.validator}: {str(wanted)[:100]})"
    return SchemaMismatch(pointer, reason)


def _pointer(error: ValidationError | SchemaError) -> str:
    return "".join("/" + pointer_part(part) for part in error.absolute_path)


def _with_article(kind: str) -> str:
    return "null" if kind == "null" else f"{'an' if kind[0] in 'aio' else 'a'} {kind}"
