"""What a tool's schema lets through, what it says of the rest, and that it fetches nothing."""

from typing import Any

import pytest

from pipelines.schemas import SchemaMismatch, compile_schema


@pytest.mark.parametrize("schema", [{}, True])
def test_a_schema_that_allows_everything_costs_nothing(schema: Any) -> None:
    assert compile_schema(schema) is None


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"type": "object"}, [], "/ is not an object"),
        ({"type": "string"}, 1, "/ is not a string"),
        ({"type": ["integer", "null"]}, "x", "/ is not an integer or null"),
        ({"properties": {"a/b": {"items": {"type": "number"}}}}, {"a/b": [1, "x"]}, "/a~1b/1 is not a number"),
        ({"required": ["a", "b"]}, {"a": 1}, "/b is missing"),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"a": 1, "b": 2},
            "/b is not known; known are a",
        ),
        ({"properties": {"a": {"enum": ["x", "y"]}}}, {"a": "z"}, "/a is not one of x, y"),
        ({"properties": {"a": {"minimum": 3}}}, {"a": 2}, "/a is out of range (minimum is 3)"),
        ({"properties": {"a": {"minLength": 3}}}, {"a": "x"}, "/a does not fit its schema (minLength: 3)"),
        ({"type": "string", "format": "expression"}, "a.", "/ is not an expression: `a.`: it ends too early"),
        ({"properties": {"a": False}}, {"a": 1}, "/a is not allowed"),
        ({"prefixItems": [{}], "items": False}, [1, 2], "/1 is not allowed"),
        ({"prefixItems": [{}], "items": {"type": "null"}}, [1, None, 2], "/2 is not null"),
        ({"patternProperties": {"^x": {"type": "null"}}}, {"y": 1, "x1": 2}, "/x1 is not null"),
        (
            {"properties": {"a": {}}, "patternProperties": {"^x": {}}, "additionalProperties": {"type": "null"}},
            {"a": 1, "x": 2, "b": 3},
            "/b is not null",
        ),
        ({"anyOf": [{"type": "null"}]}, 1, "/ does not fit its schema (anyOf: [{'type': 'null'}])"),
        ({"pattern": "^a$"}, "b", "/ does not fit its schema (pattern: ^a$)"),
    ],
)
def test_a_mismatch_names_the_place_and_the_rule(schema: Any, value: Any, message: str) -> None:
    check = compile_schema(schema)
    assert check is not None

    with pytest.raises(SchemaMismatch) as mismatch:
        check(value)

    assert str(mismatch.value) == message


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "object"}, {"a": 1}),
        ({"$defs": {"n": {"type": "number"}}, "properties": {"a": {"$ref": "#/$defs/n"}}}, {"a": 1}),
        ({"format": "expression"}, 5),
        ({"type": "string", "format": "expression"}, "a.b"),
        ({"pattern": "b"}, "abc"),
        ({"pattern": "b"}, 5),
        ({"patternProperties": {"^x": {"type": "null"}}, "additionalProperties": False}, {"x": None}),
        ({"patternProperties": {"^x": {}}}, 5),
        ({"additionalProperties": True}, {"a": 1}),
        ({"additionalProperties": False}, 5),
        ({"items": True}, [1]),
        ({"items": False}, []),
        ({"items": False}, "text"),
        ({"anyOf": [{"type": "null"}, {"minimum": 3}]}, 5),
        ({"oneOf": [{"type": "null"}, {"minimum": 3}]}, 5),
        ({"uniqueItems": True}, [1, True, "1", [1], [True], {"a": 1}, {"a": True}, None]),
        ({"uniqueItems": True}, "aa"),
        ({"uniqueItems": False}, [1, 1]),
        ({"properties": {"child": {"$ref": "#"}}, "required": ["child"]}, {"child": {"child": 5}}),
        ({"properties": {"$id": {"type": "string"}}}, {"$id": "a"}),
    ],
)
def test_a_value_that_fits_passes(schema: Any, value: Any) -> None:
    check = compile_schema(schema)
    assert check is not None

    check(value)


@pytest.mark.parametrize(
    ("schema", "says"),
    [({"type": "text"}, "not valid at /type"), ({"description": "x" * 16_000}, "at most 16000 bytes")],
)
def test_a_wrong_schema_is_refused_when_the_tool_is_made(schema: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        compile_schema(schema)
