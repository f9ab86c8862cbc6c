"""What docs/expressions.md shows is what the language does."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipelines import InvalidPipeline, parse
from pipelines.expressions import checks, filters, times
from pipelines.expressions.compiler import compile_expression
from pipelines.expressions.formats import _DIRECTIVES, _LETTERS
from pipelines.expressions.functions import FUNCTIONS
from pipelines.expressions.interpreter import MAX_WORK
from pipelines.templates import MAX_COMPUTED, compile_template
from pipelines.values import MAX_BYTES
from tests.unit.pipelines.fakes import MOMENT, echoed

TEXT = (Path(__file__).parents[3] / "docs" / "expressions.md").read_text()
[SHOWN] = re.findall(r"```json context\n(.*?)```", TEXT, flags=re.DOTALL)
CONTEXT: dict[str, Any] = json.loads(SHOWN)
SCOPE = CONTEXT | times.words_for(MOMENT)


def rows(heading: str) -> list[list[str]]:
    """Every row of the tables with this heading, each cell as it is between its backticks."""
    tables = re.findall(rf"^\| {heading} \|.*\n\|---\|---\|\n((?:\| .*\n)+)", TEXT, flags=re.MULTILINE)
    cells = [re.findall(r"(?:^|\s)`((?:[^`])*)`(?=\s\|)", line) for table in tables for line in table.splitlines()]
    return [[cell.replace("\\|", "|") for cell in row] for row in cells]


def ids(row: list[str]) -> str:
    return row[0]


EXPRESSIONS, TEMPLATES, FAILING, REFUSED = rows("expression"), rows("template"), rows("fails"), rows("refused")


@pytest.mark.parametrize("row", EXPRESSIONS, ids=ids)
def test_an_expression_gives_what_its_row_says(row: list[str]) -> None:
    expression, gives = row
    value = compile_template(f"${{{expression}}}").render(SCOPE)

    assert (value, type(value)) == (json.loads(gives), type(json.loads(gives)))


@pytest.mark.parametrize("row", TEMPLATES, ids=ids)
def test_a_template_gives_what_its_row_says(row: list[str]) -> None:
    template, gives = row

    assert compile_template(template).render(SCOPE) == json.loads(gives)


@pytest.mark.parametrize("row", FAILING, ids=ids)
def test_an_expression_fails_as_its_row_says(row: list[str]) -> None:
    expression, code = row

    assert echoed(f"${{{expression}}}", params=CONTEXT["params"]).code == code


@pytest.mark.parametrize("row", REFUSED, ids=ids)
def test_a_form_is_refused_with_what_its_row_says(row: list[str]) -> None:
    template, instead = row

    with pytest.raises(InvalidPipeline) as refused:
        parse({"pipeline": [{"uses": "noop", "with": {"value": template}}]})

    assert instead in refused.value.faults[0].message


def test_every_row_is_read() -> None:
    assert len(EXPRESSIONS) > 90
    assert TEXT.count("\n| `") == len(EXPRESSIONS) + len(TEMPLATES) + len(FAILING) + len(REFUSED)
    assert all(len(row) == 2 for row in EXPRESSIONS + TEMPLATES + FAILING + REFUSED)


@pytest.mark.parametrize("name", sorted({*FUNCTIONS.FUNCTION_TABLE, *filters.FILTERS, "if"}))
def test_every_function_and_filter_has_a_row(name: str) -> None:
    shown = [expression for expression, _ in EXPRESSIONS]

    assert any(re.search(rf"\b{name}\(|\| {name}\b", expression) for expression in shown)


@pytest.mark.parametrize("word", [*sorted(times.TIME_WORDS), *_LETTERS])
def test_every_word_of_time_has_a_row(word: str) -> None:
    assert any(re.search(rf"\b{word}\b", expression) for expression, _ in EXPRESSIONS)


def test_every_directive_is_named() -> None:
    assert f"`{' '.join(f'%{letter}' for letter in _DIRECTIVES)}`" in TEXT


def test_the_budgets_are_those_of_the_code() -> None:
    budgets = TEXT.partition("## How much may an expression be?")[2]

    assert (checks.MAX_LENGTH, checks.MAX_DEPTH, checks.MAX_PIPES) == (1000, 20, 10)
    assert "At most 1,000 characters, 20 levels, 10 pipes" in budgets
    assert (MAX_COMPUTED, MAX_BYTES, MAX_WORK) == (100, 1_000_000, 200_000)
    assert all(figure in budgets for figure in ("100 expressions", "1 MB", "200,000"))


def test_a_condition_takes_what_is_missing_for_null() -> None:
    assert compile_expression("params.nope.deeper", tolerant=True).evaluate(SCOPE) is None
