"""Which expressions are refused, what fails while running, and that no bomb goes off."""

import contextlib
from typing import Any

import pytest

from pipelines import ErrorClass, InvalidPipeline, StepError, parse
from pipelines.expressions.checks import MAX_LENGTH
from pipelines.expressions.compiler import compile_expression
from pipelines.templates import MAX_COMPUTED, compile_template
from tests.unit.pipelines.fakes import echoed


def fault_of(template: str) -> str:
    """The one fault of a step whose input is this template."""
    with pytest.raises(InvalidPipeline) as refused:
        parse({"pipeline": [{"uses": "debug.echo", "with": {"value": template}}]})
    [fault] = refused.value.faults
    assert fault.pointer == "/pipeline/0/with/value"
    return fault.message


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("${}", "cannot be empty"),
        ("${params.}", "ends too early"),
        ("${params.city", "is not closed"),
        ("${'open}", "is not closed"),
        ("${params.city = 'x'}", "equality is written =="),
        ("${params.n + }", "ends too early"),
        ("${params.a b}", "'b' is not expected here, at character 10"),
        ("${24h}", "a duration follows + or -"),
        ("${-24h}", "'-' is not understood"),
        ("${+5}", "'+' is not understood"),
        ("${params ~ 3}", "'~' is not understood"),
        ('${`a"b`}', "text is written in single quotes"),
        ("${nope(params.a)}", "there is no function nope(); known are abs"),
        ("${length()}", "Expected 1 argument for function length(), received 0"),
        ("${length(params.a, params.b)}", "received 2"),
        ("${not_null()}", "received 0"),
        ("${wether.city}", "nothing is called 'wether'"),
        ("${steps.wether[*].x}", "no step is called 'wether'"),
        ("${length(steps.wether.days[?x].y)}", "no step is called 'wether'"),
        ("${parms.city}", "did you mean 'params'?"),
        ("{{ params.city }}", "templates are written ${params.city}, not {{ params.city }}"),
        ("Hello {{params.city}}!", "templates are written ${params.city}"),
        ("${{ params.city }}", "templates are written ${params.city}, not ${{ params.city }}"),
        ("${" + "a" * (MAX_LENGTH + 1) + "}", "at most 1000 characters"),
        ("${" + "[" * 400 + "]" * 400 + "}", "nested deeper than 20"),
        ("${" + "(" * 450 + "params" + ")" * 450 + "}", "nested deeper than 20"),
        ("${" + "!" * 30 + "params.a}", "nested deeper than 20"),
        ("${" + "!" * 990 + "a}", "nested deeper than 20"),
        ("${params" + " | @" * 11 + "}", "more than 10 pipes"),
        ("${params.list[0.5]}", "Expecting: star"),
    ],
)
def test_a_wrong_expression_is_refused_with_its_cure(template: str, says: str) -> None:
    assert says in fault_of(template)


def test_a_name_cannot_be_a_template() -> None:
    with pytest.raises(InvalidPipeline, match="a name cannot be a template"):
        parse({"pipeline": [{"uses": "debug.echo", "with": {"${params.a}": 1}}]})


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("${params.city.nam}", "`params.city.nam` is undefined: `params.city` has only name, size"),
        ("${params.cty}", "`params.cty` is undefined: `params` has only city, empty, list, none, text"),
        ("${params.empty.x}", "`params.empty.x` is undefined: `params.empty` is empty"),
        ("${params.list[7]}", "`params.list[7]` is undefined: `params.list` is a list of 2"),
        ("${params.list.first}", "`params.list.first` is undefined: `params.list` is a list of 2"),
        ("${params.lst[*].x}", "`params.lst` is undefined: `params` has only city, empty, list, none, text"),
        ("${params.city.lst[?x > 1]}", "`params.city.lst` is undefined: `params.city` has only name, size"),
        ("${params.none.x}", "`params.none.x` is undefined: `params.none` is null"),
        ("${params.text[0]}", "`params.text[0]` is undefined: `params.text` is a str, not an object"),
        ("${params.text.size}", "`params.text.size` is undefined: `params.text` is a str, not an object"),
        ("${event.payload}", "`event.payload` is undefined: this run has no event"),
        ("in ${params.cty}", "`params.cty` is undefined: `params` has only city, empty, list, none, text"),
        ("${length(params.cty)}", "`params.cty` is undefined: `params` has only city, empty, list, none, text"),
        ("${params.cty > 3}", "`params.cty` is undefined: `params` has only city, empty, list, none, text"),
        ("${params.a || params.b}", "`params.b` is undefined: `params` has only city, empty, list, none, text"),
    ],
)
def test_an_undefined_reference_fails_the_step_and_names_its_path(template: str, message: str) -> None:
    city = {"name": "x", "size": 1}
    params: dict[str, Any] = {"city": city, "empty": {}, "list": [1, 2], "none": None, "text": "t"}

    error = echoed(template, params=params)

    assert error == StepError(ErrorClass.PERMANENT, "undefined_reference", message)


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("${params.n + 3}", "+ and - move a time"),
        ("${now + 'soon'}", "a time is moved by a duration"),
        ("${now + true}", "a time is moved by a duration"),
        ("${now + 40000d}", "a hundred years at most"),
        ("${now + 99999999999}", "a hundred years at most"),
        ("${abs(params.text)}", "abs()"),
        ("${ceil(to_number('inf'))}", "infinity"),
        ("${'2026-01-01T00:00:00' + 1d}", "with an offset"),
        ("${'9999-12-31T00:00:00Z' + 7d}", "out of range"),
    ],
)
def test_an_expression_that_cannot_be_evaluated_fails_its_step(template: str, says: str) -> None:
    error = echoed(template, params={"n": 1, "text": "x"})

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "expression_failed")
    assert says in error.message


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("${to_number('inf')}", "invalid_input"),
        ("${to_number('nan')}", "invalid_input"),
        ("${&params.n}", "invalid_input"),
        ("${`123456789012345678901`}", "invalid_input"),
    ],
)
def test_a_value_without_a_json_form_fails_its_step(template: str, code: str) -> None:
    assert echoed(template, params={"n": 1}).code == code


BIG = {"big": ["x" * 1000] * 200, "many": list(range(20_000)), "text": "y" * 100_000}


@pytest.mark.parametrize(
    "template",
    [
        "${[@,@] | " + " | ".join(["[@,@]"] * 9) + " | [@.[@,@,@,@,@,@,@,@].[@,@,@,@,@,@,@,@].[@,@,@,@]]}",
        "${to_string(params.[@,@].[@,@].[@,@].[@,@].[@,@].[@,@].[@,@].[@,@].[@,@].[@,@].[@,@])}",
        "${join('', params.[text,text,text,text,text,text,text,text,text,text,text])}",
        "${join(params.text, ['a','a','a','a','a','a','a','a','a','a','a','a'])}",
        "${['a','a','a','a','a','a','a','a','a','a','a','a'] | join(params.text)}",
        "${" + "params" + ".[@,@]" * 80 + " == params" + ".[@,@]" * 80 + "}",
        "${contains([params" + ".[@,@]" * 60 + "], params" + ".[@,@]" * 60 + ")}",
        "${params.many[].[@,@,@,@,@,@,@,@,@,@,@,@][]}",
        "${params.many[?contains(`[1,2]`, @) || contains(`[3]`, @) || contains(`[4]`, @) || contains(`[5]`, @)]}",
        "${map(&map(&map(&@, [@,@,@,@,@,@]), [@,@,@,@,@,@]), params.many)}",
        "${params.[text,text,text,text,text,text,text,text,text,text,text]}",
        "${params.big.[@,@,@,@,@,@]}",
        "${params.text}" * 11,
        ["${params.text}"] * 11,
    ],
)
@pytest.mark.timeout(20)
def test_a_bomb_fails_its_step_long_before_it_is_done(template: Any) -> None:
    error = echoed(template, context={"params": BIG})

    assert error.code in ("value_too_large", "expression_failed", "invalid_input"), error


TENFOLD = " | [@,@,@,@,@,@,@,@,@,@][]"
NUMBERS = {"v": list(range(40_000))}
ALMOST = {"v": [*range(39_999), -1]}
ALIKE = {"x": "x" * 400_000 + "a", "y": "x" * 400_000 + "b"}


@pytest.mark.parametrize(
    ("expression", "params"),
    [
        (f"[params.a]{TENFOLD * 4} | [*].length(to_string(@))", {"a": NUMBERS}),
        (f"[params.a]{TENFOLD * 4} | [*].sum(v)", {"a": NUMBERS}),
        (f"[params.a]{TENFOLD * 4} | [*].contains(v, `-1`)", {"a": NUMBERS}),
        (f"[params.a]{TENFOLD * 4} | [?@ == @]", {"a": NUMBERS}),
        (f"{{l: [params.a]{TENFOLD * 4}, b: params.b}} | contains(l, b)", {"a": NUMBERS, "b": ALMOST}),
        (f"[params.x, params.y]{TENFOLD * 4} | sort(@)", ALIKE),
        (f"[params.x, params.y]{TENFOLD * 4} | max(@)", ALIKE),
        (f"[params.x]{TENFOLD * 4} | [*].to_number(@)", ALIKE),
        (f"[params.x]{TENFOLD * 4} | [*].upper(@)", ALIKE),
        (f"[params.a]{TENFOLD * 4} | [*].json(@)", {"a": NUMBERS}),
        (f"[now]{TENFOLD * 4} | [*].date(@, '{'%d' * 30}')", {}),
    ],
)
@pytest.mark.timeout(20)
def test_what_functions_and_comparisons_read_again_and_again_is_counted(expression: str, params: Any) -> None:
    error = echoed(f"${{length({expression})}}", context={"params": params})

    assert error.code in ("value_too_large", "expression_failed"), error


def test_functions_of_one_large_value_are_within_the_budget() -> None:
    params = {"n": list(range(100_000)), "text": "x" * 900_000}

    for expression in (
        "sum(params.n)",
        "max(params.n) > `1`",
        "contains(params.n, `-1`)",
        "contains(params.text, 'y')",
    ):
        assert compile_expression(expression).evaluate({"params": params}) is not None


def test_one_value_holds_a_hundred_computed_expressions_and_any_number_of_paths() -> None:
    compile_template(["${params.n}"] * 1000 + ["${length(params.l)}"] * MAX_COMPUTED)

    with pytest.raises(ExceptionGroup, match="invalid templates") as raised:
        compile_template(["${length(params.l)}"] * (MAX_COMPUTED + 2))

    assert [fault.pointer for fault in raised.value.exceptions] == ["/100", "/101"]
    assert "split it over two steps" in raised.value.exceptions[0].message


@pytest.mark.parametrize(
    "text", ["{{" + " " * 100_000, "{{" * 50_000, "{{ " * 50_000, "${" + "(" * 100_000, "${'" * 50_000, "${a" * 50_000]
)
@pytest.mark.timeout(20)
def test_a_text_of_braces_and_blanks_is_read_once_and_not_over_and_over(text: str) -> None:
    with contextlib.suppress(ExceptionGroup):
        compile_template(text)
