"""Does a value fit a tool's JSON Schema (draft 2020-12)?

Compiled once per tool. A schema that allows everything, or any object, is checked without the `jsonschema` package:
validating costs it tens of microseconds even then. References leave the schema nowhere: the registry is empty. A check
ends, whatever the value is: with the first thing that is wrong, or when its time is over.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from pipelines.expressions.compiler import InvalidExpression, compile_query
from pipelines.schema_keywords import LONGEST_CHECK, CheckTooLong, Validator, begin_check
from pipelines.schema_rules import InvalidSchema, check_parts, check_size
from pipelines.values import pointer_part

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

    Raises `InvalidSchema`, a `ValueError`, if the schema itself is not valid, too large, refers to anything outside itself,
    or could take for ever.
    """
    if schema in ({}, True):
        return None
    if schema == {"type": "object"}:
        return _check_object
    check_size(schema)
    # Not what checks values: it would look at the clock. Patterns are RE2's to judge, not its own.
    for error in Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema):
        raise InvalidSchema(_pointer(error), error.message[:300])
    check_parts(schema)
    return _checker(Validator(schema, registry=Registry(), format_checker=_FORMATS))


def _check_object(value: Any) -> None:
    if type(value) is not dict:
        raise SchemaMismatch("", "is not an object")


def _checker(validator: Any) -> Check:
    def check(value: Any) -> None:
        begin_check()
        try:
            error = next(validator.iter_errors(value), None)
        except CheckTooLong:
            message = f"takes more than {LONGEST_CHECK:g} s to check; send less, or make the schema simpler"
            raise SchemaMismatch("", message) from None
        except (Unresolvable, RecursionError, UnicodeEncodeError) as broken:
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
            reason = f"is not known; known are {', '.join(known)}"
        case None:
            reason = "is not allowed"
        case "enum":
            reason = f"is not one of {', '.join(map(str, wanted))}"[:300]
        case "format" if error.cause is not None:
            reason = f"is not an expression: {error.cause}"
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            reason = f"is out of range ({error.validator} is {wanted})"
        case _:
            reason = f"does not fit its schema ({error.validator}: {str(wanted)[:100]})"
    return SchemaMismatch(pointer, reason)


def _pointer(error: ValidationError) -> str:
    return "".join("/" + pointer_part(part) for part in error.absolute_path)


def _with_article(kind: str) -> str:
    return "null" if kind == "null" else f"{'an' if kind[0] in 'aio' else 'a'} {kind}"
