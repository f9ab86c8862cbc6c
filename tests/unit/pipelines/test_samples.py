"""A value is made up for a JSON Schema: always the same, and one that fits."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pipelines.samples import NoSample, sample_of

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 18}},
    "required": ["name"],
}
MADE: list[tuple[Any, Any]] = [
    ({}, {}),
    (True, {}),
    ({"type": "string"}, "text"),
    ({"type": "integer"}, 1),
    ({"type": "number", "minimum": 2.5}, 2.5),
    ({"type": "boolean"}, True),
    ({"type": "null"}, None),
    ({"type": ["null", "integer"]}, 1),
    ({"const": 7}, 7),
    ({"enum": ["a", "b"]}, "a"),
    ({"type": "integer", "default": 9}, 9),
    ({"type": "integer", "default": "no", "examples": [3, 4]}, 3),
    ({"type": "string", "minLength": 6}, "textttt"[:6]),
    ({"type": "string", "maxLength": 2}, "te"),
    ({"type": "string", "format": "date"}, "2026-01-01"),
    ({"type": "string", "pattern": "^[0-9]+$"}, "1"),
    ({"type": "integer", "exclusiveMinimum": 3}, 4),
    ({"type": "integer", "minimum": 7, "multipleOf": 5}, 10),
    ({"type": "number", "maximum": -2}, -2),
    ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
    (PERSON, {"name": "text", "age": 18}),
    ({"required": ["id"]}, {"id": {}}),
    ({"type": "object", "minProperties": 2}, {"property_1": {}, "property_2": {}}),
    ({"type": "array", "items": PERSON}, [{"name": "text", "age": 18}]),
    ({"type": "array", "minItems": 2, "items": {"const": 1}}, [1, 1]),
    ({"type": "array", "maxItems": 0}, []),
    ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False}, [1, "text"]),
    ({"anyOf": [{"type": "string", "pattern": "^never matched$"}, {"type": "integer"}]}, 1),
    ({"oneOf": [False, {"const": 2}]}, 2),
    ({"allOf": [PERSON, {"properties": {"id": {"const": 1}}, "required": ["id"]}]}, {"name": "text", "age": 18, "id": 1}),
    ({"$defs": {"n": {"type": "integer"}}, "type": "object", "properties": {"x": {"$ref": "#/$defs/n"}}}, {"x": 1}),
    # with everything that is optional, two of its properties would shut each other out
    ({"properties": {"a": {"const": 1}, "b": {"const": 1}}, "not": {"required": ["a", "b"]}, "required": ["a"]}, {"a": 1}),
    ({"type": "object", "properties": {"x": {"type": "string", "pattern": "^never matched$"}}}, {}),
]  # fmt: skip
IMPOSSIBLE: list[tuple[Any, str]] = [
    (False, ""),
    ({"type": "string", "pattern": "^never matched$"}, "/pattern"),
    ({"type": "object", "properties": {"a/b": {"type": "string", "pattern": "^no$"}}, "required": ["a/b"]}, "/properties/a~1b/pattern"),
    ({"type": "integer", "minimum": 3, "maximum": 2}, ""),
    ({"type": "string", "minLength": 100_000}, "/minLength"),
    ({"type": "array", "minItems": 100_000}, "/minItems"),
    ({"type": "array", "minItems": 2, "uniqueItems": True, "items": {"const": 1}}, ""),
    ({"anyOf": [False, {"type": "integer", "minimum": 3, "maximum": 2}]}, "/anyOf/1"),
    ({"$ref": "#/$defs/gone"}, "/$ref"),
    ({"$ref": "https://example.org/schema"}, "/$ref"),
    ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}, "/$defs/a/$ref"),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "expected"), MADE, ids=[str(schema)[:60] for schema, _ in MADE])
def test_a_value_is_made_up_that_fits(schema: Any, expected: Any) -> None:
    made = sample_of(schema)

    assert made == expected
    assert Draft202012Validator(schema).is_valid(made)
    assert sample_of(schema) == made


@pytest.mark.parametrize(("schema", "pointer"), IMPOSSIBLE, ids=[str(schema)[:60] for schema, _ in IMPOSSIBLE])
def test_where_none_is_found_the_part_of_the_schema_is_named(schema: Any, pointer: str) -> None:
    with pytest.raises(NoSample) as refused:
        sample_of(schema)

    assert refused.value.pointer == pointer


def test_what_goes_on_for_ever_ends_where_it_may_and_is_refused_where_it_must_not() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#"}}}

    assert Draft202012Validator(node).is_valid(sample_of(node))
    with pytest.raises(NoSample, match="nested too deep"):
        sample_of(node | {"required": ["next"]})


def test_a_list_whose_items_cannot_be_is_empty() -> None:
    schema = {"type": "object", "properties": {"x": {"type": "array", "items": {"not": {}}}}, "required": ["x"]}

    assert sample_of(schema) == {"x": []}


NAMES = st.sampled_from(["a", "b", "c"])
SCALARS: list[Any] = [
    {"type": "string"}, {"type": "string", "minLength": 3}, {"type": "integer", "minimum": 2, "maximum": 9},
    {"type": "number", "multipleOf": 0.5}, {"enum": [1, "x", None]}, {"type": ["boolean", "null"]}, {"const": []}, True, False,
]  # fmt: skip
SCHEMAS = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(NAMES, inner, max_size=3), "required": st.lists(NAMES, unique=True)}
        ),
        st.fixed_dictionaries({"type": st.just("array"), "items": inner, "minItems": st.integers(0, 3), "uniqueItems": st.booleans()}),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"allOf": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=200, deadline=None, derandomize=True)
@given(SCHEMAS)
def test_whatever_the_schema_is_a_value_fits_or_none_is_answered(schema: Any) -> None:
    try:
        made = sample_of(schema)
    except NoSample:
        return
    assert Draft202012Validator(schema).is_valid(made)
