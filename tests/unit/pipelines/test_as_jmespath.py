"""What is valid in JMESPath means here what the `jmespath` package makes of it."""

from pathlib import Path
from typing import Any

import jmespath
import pytest
from jmespath.exceptions import JMESPathError

from pipelines import StepFailed
from pipelines.expressions.checks import InvalidExpression
from pipelines.expressions.compiler import compile_expression, compile_query

DOCUMENT: dict[str, Any] = {
    "foo": {"bar": {"baz": [0, 1, 2, 3, 4]}, "empty": {}, "null": None, "length": 7, "upper": "x"},
    "list": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    "nested": [[1, 2], [3, [4]], 5, [], None],
    "people": [
        {"name": "Ann", "age": 30, "tags": ["a", "b"], "general": {"id": 1}, "married": True},
        {"name": "Bob", "age": 20, "tags": [], "general": {"id": 2}, "married": False},
        {"name": "Cid", "age": 25, "tags": ["c"], "general": None},
    ],
    "ops": {"one": {"n": 1}, "two": {"n": 2}, "three": {"m": 3}, "four": 4},
    "str": "Text",
    "strings": ["c", "a", "b"],
    "numbers": [3, -1, 2.5],
    "zero": 0,
    "minus": -3.7,
    "true_": True,
    "false_": False,
    "null_": None,
    "empty": [],
    "blank": "",
    "with space": {"a-b": 1, "ü": "umlaut", '"': "quote"},
    "and_": 1,
    "round": 2,
    "sum": {"join": [1]},
}

VALID, INVALID = (
    (Path(__file__).parent / name).read_text().splitlines()
    for name in ("valid_in_jmespath.txt", "invalid_in_jmespath.txt")
)


@pytest.mark.parametrize("expression", VALID)
def test_a_query_finds_what_jmespath_finds(expression: str) -> None:
    assert_same(compile_query(expression)(DOCUMENT), jmespath.search(expression, DOCUMENT))


@pytest.mark.parametrize("expression", VALID)
def test_a_template_finds_what_jmespath_finds_in_the_context(expression: str) -> None:
    found = compile_expression(expression, tolerant=True).evaluate(DOCUMENT)

    assert_same(found, jmespath.search(expression, DOCUMENT))


def assert_same(found: Any, expected: Any) -> None:
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    "expression",
    [
        "abs(str)",
        "avg(strings)",
        "ceil('x')",
        "contains(zero, 'x')",
        "join(',', list)",
        "keys(list)",
        "length(zero)",
        "max(people)",
        "max_by(people, &tags)",
        "sort(people)",
        "sort_by(people, &general)",
        "sum(strings)",
        "to_number(nope) || abs(nope)",
        "starts_with(str, zero)",
        "list | length(@) | length(@)",
    ],
)
def test_what_fails_in_jmespath_fails_here(expression: str) -> None:
    with pytest.raises(JMESPathError):
        jmespath.search(expression, DOCUMENT)
    with pytest.raises(StepFailed):
        compile_query(expression)(DOCUMENT)


@pytest.mark.parametrize("expression", INVALID)
def test_what_is_no_jmespath_and_no_form_of_ours_is_refused(expression: str) -> None:
    with pytest.raises(JMESPathError):
        jmespath.search(expression, DOCUMENT)
    with pytest.raises(InvalidExpression):
        compile_query(expression)
