"""Whatever is written as an expression ends: in a value, in a refusal, or in a failed step, and soon."""

import contextlib
import json
import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines import StepFailed
from pipelines.expressions import times
from pipelines.expressions.checks import InvalidExpression
from pipelines.expressions.compiler import compile_expression, compile_query
from pipelines.expressions.formats import formatted
from pipelines.templates import InvalidTemplate, compile_template
from tests.unit.pipelines.fakes import MOMENT

pytestmark = pytest.mark.no_cover  # three times as slow when measured

PARAMS: dict[str, Any] = {
    "n": 3,
    "price": 2.675,
    "text": "a,b" * 20_000,
    "names": ["a", "b"],
    "many": list(range(2_000)),
    "items": [{"name": "a", "price": 10}, {"name": "b"}],
    "nothing": None,
}
SCOPE = {"params": PARAMS, "steps": {}, **times.words_for(MOMENT)}
LONGEST = 30  # seconds: what is bounded takes a tenth of a second, and fifty times that while coverage is measured

TENFOLD = " | [@,@,@,@,@,@,@,@,@,@][]" * 4
PATHS = st.sampled_from(
    [
        *(f"params.{name}" for name in PARAMS),
        *("params.nope", "params.items[].price", "params.names[0]", "params.many[*]", "now", "date", "@"),
    ]
)
LEAVES = PATHS | st.sampled_from(
    ["1", "-2.5", "'%d.%m'", "','", "true", "null", "[]", "{}", "date:HH", "date:ww/yyyy", "`[1]`"]
)
FILTERS = st.sampled_from(
    [
        *("iso", "date", "date('%d.%m.%Y')", "add_days(7)", "week_number", "round(2)", "round", "length", "join(', ')"),
        *("split(',')", "sum", "json", "upper", "lower", "default('x')", "default([])", "length(@)", "[*].json(@)"),
    ]
)


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["==", "!==", "<", ">=", "&&", "or", "and", "||", "+", "-", "|"])
    return st.one_of(
        st.builds("{} ? {} : {}".format, inner, inner, inner),
        st.builds("if({}, {}, {})".format, inner, inner, inner),
        st.builds("{} {} {}".format, inner, operators, inner),
        st.builds("{} | {}".format, inner, FILTERS),
        st.builds("({})".format, inner),
        st.builds("not {}".format, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{a: {}, date: {}}}".format, inner, inner),
        st.builds("params.items[?{}].name".format, inner),
        st.builds("map(&({}), params.many)".format, inner),
    )


EXPRESSIONS = st.recursive(LEAVES, grown, max_leaves=8)
FRAGMENTS = st.sampled_from(
    [
        *(
            "params",
            ".",
            "[",
            "]",
            "[]",
            "[?",
            "*",
            "(",
            ")",
            "{",
            "}",
            "?",
            ":",
            "|",
            "||",
            "&",
            "&&",
            "@",
            ",",
            "'",
            '"',
        ),
        *(
            "`",
            "\\",
            "$",
            "${",
            "}}",
            "{%",
            "=>",
            "==",
            "=",
            "!",
            "-",
            "+",
            "24h",
            "1",
            "0.5",
            " ",
            "date:",
            "yyyy",
            "if(",
        ),
        *(
            "length",
            "round(2)",
            "default(",
            "not",
            "and",
            "true",
            "null",
            "now",
            "date",
            "in",
            "is",
            "typeof",
            "\n",
            "é",
            "\0",
        ),
    ]
)
GARBAGE = st.lists(FRAGMENTS, max_size=40).map("".join) | st.text(max_size=60)


def ends_soon(text: str) -> None:
    began = time.monotonic()
    with contextlib.suppress(InvalidExpression, StepFailed):
        compile_expression(text).evaluate(SCOPE)
    assert time.monotonic() - began < LONGEST


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS)
@example(f"[params.text]{TENFOLD} | [*].split(@, ',')")
@example(f"[params.text]{TENFOLD} | [*].upper(@)")
@example(f"[params.many]{TENFOLD} | [*].json(@)")
@example(f"[now]{TENFOLD} | [*].date(@, '{'%d' * 50}')")
@example(f"[now]{TENFOLD} | [*].add_days(@, 1)")
@example("params.text | json | json | json | json | json | json | json | json | json | json")
@example("params.many[*].json(@) | join(', ')")
def test_an_expression_of_any_shape_ends_soon(text: str) -> None:
    ends_soon(text)


@settings(max_examples=400, deadline=None)
@given(GARBAGE)
@example("a if " * 180)
@example("a in " * 180)
@example("a." * 400 + "map(")
@example("$" * 900)
@example("a" * 999 + "?.")
@example("\\'" * 400)
@example("date:" + "HH-" * 300)
@example("round(" * 19 + "1" + ")" * 19 + "=")
def test_no_text_crashes_the_compiler_or_keeps_it_busy(text: str) -> None:
    ends_soon(text)


@settings(max_examples=200, deadline=None)
@given(GARBAGE)
def test_a_template_is_compiled_or_refused(text: str) -> None:
    try:
        compile_template({"a": [text]})
    except ExceptionGroup as refused:
        faults = refused.exceptions
    else:
        faults = ()
    assert all(isinstance(fault, InvalidTemplate) and fault.pointer == "/a/0" for fault in faults)


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS, st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_a_query_of_any_shape_ends_over_any_value(text: str, value: Any) -> None:
    with contextlib.suppress(InvalidExpression, StepFailed):
        compile_query(text)(value)


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS)
def test_what_a_template_gives_is_json(text: str) -> None:
    try:
        value = compile_template(f"${{ {text} }}").render(SCOPE)
    except (ExceptionGroup, StepFailed):
        return
    assert len(json.dumps(value, allow_nan=False)) < 12_000_000


@settings(max_examples=200, deadline=None)
@given(st.booleans(), EXPRESSIONS)
def test_the_side_of_a_choice_that_is_not_taken_costs_nothing(met: bool, other: str) -> None:
    sides = ("'taken'", f"({other})") if met else (f"({other})", "'taken'")
    try:
        expression = compile_expression(f"params.n {'==' if met else '!='} 3 ? {sides[0]} : {sides[1]}")
    except InvalidExpression:
        return

    assert expression.evaluate(SCOPE) == "taken"


PORTABLE = "%Y %m %d %j %H %I %p %M %S %G %V %u %z %a %A %b %B %% %y"


@settings(max_examples=300, deadline=None)
@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(ZoneInfo("Europe/Chisinau"))))  # noqa: DTZ001 - drawn
def test_a_date_is_written_as_the_c_locale_writes_it(moment: datetime) -> None:
    assert formatted(moment, PORTABLE) == moment.strftime(PORTABLE)
