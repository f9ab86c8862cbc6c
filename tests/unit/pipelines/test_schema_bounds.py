"""What a schema may hold so that no value makes its check endless: the attacks of every kind, and their answers."""

from time import perf_counter
from typing import Any

import pytest

from pipelines import schema_keywords
from pipelines.schema_rules import InvalidSchema
from pipelines.schemas import SchemaMismatch, compile_schema

FAN_OUT = {f"s{each}": {"allOf": [{"$ref": f"#/$defs/s{each + 1}"}] * 2} for each in range(18)}
CHAIN = {f"s{each}": {"$ref": f"#/$defs/s{each + 1}"} for each in range(50)}


@pytest.mark.parametrize(
    ("schema", "pointer", "says"),
    [
        ({"pattern": "(?=a)b"}, "/pattern", "no pattern that RE2 knows"),
        ({"pattern": r"(a)\1"}, "/pattern", "no pattern that RE2 knows"),
        ({"pattern": "((a{1000}){1000}){1000}"}, "/pattern", "no pattern that RE2 knows"),
        ({"items": {"patternProperties": {"(?<!a)/b": {}}}}, "/items/patternProperties/(?<!a)~1b", "RE2"),
        ({"$ref": "http://127.0.0.1:9/schema.json"}, "/$ref", "nothing is fetched"),
        ({"not": {"$ref": "file:///etc/passwd"}}, "/not/$ref", "nothing is fetched"),
        ({"$ref": "other.json#/$defs/a"}, "/$ref", "nothing is fetched"),
        ({"$ref": "#name", "$defs": {"name": {}}}, "/$ref", "nothing is fetched"),
        ({"$ref": "#/$defs/nope"}, "/$ref", "leads to no schema here"),
        ({"$ref": "#/enum/0", "enum": [{}]}, "/$ref", "leads to no schema here"),
        ({"$ref": "#"}, "", "leads back to itself"),
        ({"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"}, "/$defs/a", "leads back to itself"),
        ({"if": {"$ref": "#"}}, "", "leads back to itself"),
        ({"dependentSchemas": {"a": {"$ref": "#"}}}, "", "leads back to itself"),
        ({"$defs": {**CHAIN, "s50": {}}, "$ref": "#/$defs/s0"}, "/$defs/s32", "more than 32 references"),
        ({"$id": "http://example.org/"}, "/$id", "names an address"),
        ({"items": {"$anchor": "a"}}, "/items/$anchor", "names a part"),
        ({"oneOf": [{"$dynamicRef": "#a"}]}, "/oneOf/0/$dynamicRef", "only a run knows"),
        (
            {"allOf": [{"patternProperties": {"a": {}}}], "unevaluatedProperties": False},
            "/unevaluatedProperties",
            "use additionalProperties",
        ),
        ({"enum": ["x" * 20_000]}, "/enum/0", "at most 16000 bytes"),
        ({"properties": {"a": {"type": 5}}}, "/properties/a/type", ""),
        ({"const": float("nan")}, "/const", "no JSON form"),
    ],
)
def test_a_dangerous_schema_is_refused_at_its_place(schema: Any, pointer: str, says: str) -> None:
    with pytest.raises(InvalidSchema) as refusal:
        compile_schema(schema)

    assert refusal.value.pointer == pointer
    assert says in refusal.value.reason


def test_references_that_fan_out_are_refused_in_no_time() -> None:
    began = perf_counter()

    with pytest.raises(InvalidSchema):
        compile_schema({"$defs": {**FAN_OUT, "s18": {}}, "$ref": "#/$defs/s0"})
    wide = {f"s{each}": {"allOf": [{"$ref": f"#/$defs/s{each + 1}"}] * 12} for each in range(3)}
    with pytest.raises(InvalidSchema, match="more than 1000 schemas for one value"):
        compile_schema({"$defs": {**wide, "s3": {}}, "$ref": "#/$defs/s0"})

    assert perf_counter() - began < 1


def test_a_schema_too_deep_to_be_read_is_refused() -> None:
    deep: Any = {}
    for _ in range(5000):
        deep = {"not": deep}

    with pytest.raises(InvalidSchema, match="nested deeper"):
        compile_schema(deep)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": "^(a+)+$"}, "a" * 100_000 + "!"),
        ({"patternProperties": {"^(a+)+$": False}}, {"a" * 100_000 + "!": 1}),
        ({"patternProperties": {"^(a+)+$": {}}, "additionalProperties": {}}, {"a" * 100_000 + "!": 1}),
        ({"uniqueItems": True}, [{"a": each} for each in range(3000)]),
    ],
)
def test_what_takes_long_elsewhere_is_checked_in_no_time(schema: Any, value: Any) -> None:
    check = compile_schema(schema)
    assert check is not None
    began = perf_counter()

    try:
        check(value)
    except SchemaMismatch:
        assert "pattern" in schema

    assert perf_counter() - began < 0.5


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"allOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}}]}, _nested(30)),
        ({"anyOf": [{"type": "null"}] * 900}, list(range(200_000))),
        ({"patternProperties": {f"a{each}$": {} for each in range(900)}}, {f"x{each}": 1 for each in range(50_000)}),
        (
            {"patternProperties": {f"a{each}$": {} for each in range(500)}, "additionalProperties": {}},
            {f"x{each}": 1 for each in range(50_000)},
        ),
    ],
)
def test_a_check_ends_when_its_time_is_over(schema: Any, value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_keywords, "LONGEST_CHECK", 0.05)
    check = compile_schema(schema)
    assert check is not None

    with pytest.raises(SchemaMismatch, match="to check; send less"):
        check(value)


def test_the_time_of_one_check_is_not_taken_from_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_keywords, "LONGEST_CHECK", 0.0)
    long = compile_schema({"items": {"type": "integer"}})
    assert long is not None

    with pytest.raises(SchemaMismatch):
        long(list(range(1000)))

    long(list(range(3)))


def test_a_text_that_is_no_unicode_fits_no_pattern() -> None:
    check = compile_schema({"pattern": "a"})
    assert check is not None

    with pytest.raises(SchemaMismatch, match="cannot be checked"):
        check("\ud800")


def test_a_list_of_uniques_may_hold_what_is_equal_in_python_alone() -> None:
    check = compile_schema({"uniqueItems": True})
    assert check is not None

    for twice in ([1, 1.0], [{"a": [1]}, {"a": [1.0]}], [None, None], [[], []]):
        with pytest.raises(SchemaMismatch):
            check(twice)


def test_hundreds_of_kilobytes_that_fit_are_let_through() -> None:
    part = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}, "required": ["id"]}
    check = compile_schema({"type": "array", "items": part})
    assert check is not None

    check([{"id": each, "name": "n"} for each in range(12_000)])
