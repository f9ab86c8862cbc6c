"""What another language has is refused at save, with the form to write instead."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines import InvalidPipeline, parse
from pipelines.expressions.checks import InvalidExpression
from pipelines.expressions.compiler import compile_expression, compile_query
from pipelines.templates import compile_template, unwrapped


def fault_of(template: str, *, field: str = "with") -> str:
    step = {"uses": "noop"} | ({"with": {"value": template}} if field == "with" else {"if": template})
    with pytest.raises(InvalidPipeline) as refused:
        parse({"params": {}, "pipeline": [step]})
    [fault] = refused.value.faults
    assert fault.pointer == ("/pipeline/0/with/value" if field == "with" else "/pipeline/0/if")
    return fault.message


@pytest.mark.parametrize("template", ["${secrets('x')}", "Bearer ${ secrets ('x') }", "${secrets.x}"])
def test_secrets_stand_in_the_settings_of_tools_alone(template: str) -> None:
    assert "a pipeline holds no secrets" in fault_of(template)


@pytest.mark.parametrize(
    ("template", "instead"),
    [
        # Jinja
        ("{{ params.city }}", "${params.city}"),
        ("{{ params.city | upper }}!", "${params.city | upper}"),
        ("{% if params.a %}x{% endif %}", "${params.a ? 'yes' : 'no'}"),
        ("{%- for x in params.list -%}x{% endfor %}", "${params.items[].name | join(', ')}"),
        ("{% set x = 1 %}", "${params.city}"),
        ("${'a' if params.ready else 'b'}", "${params.ready ? '…' : '…'}"),
        ("${params.city is defined}", "${params.city != null}"),
        ("${params.city is not none}", "${params.city != null}"),
        ("${params.city is not defined}", "${params.city == null}"),
        ("${'a' in params.list}", "${contains(params.list, '…')}"),
        ("${params.at.strftime('%d')}", "${params.at | date('%d.%m.%Y')}"),
        # JavaScript
        ("${x => y}", "${params.items[?price > 20].name}"),
        ("${params.items.map(x => x.name)}", "${params.items[].name}"),
        ("${params.items.filter(x => x.price > 20)}", "${params.items[?price > 20]}"),
        ("${params.items.find(x => x.ok).name}", "${params.items[?price > 20] | [0]}"),
        ("${params.items[0].tags.includes('a')}", "${contains(params.items[0].tags, 'x')}"),
        ("${params.names.join(', ')}", "${params.names | join(', ')}"),
        ("${params.csv.split(',')}", "${params.csv | split(',')}"),
        ("${params.name.toUpperCase()}", "${params.name | upper}"),
        ("${params.price.toFixed(2)}", "${params.price | round(2)}"),
        ("${steps.toString()}", "${to_string(steps)}"),
        ("${params.items.length}", "${params.items | length}"),
        ("${params.items.length > 0 ? 1 : 2}", "${params.items | length}"),
        ("${params.items[?tags.length > 0]}", "${tags | length}"),
        ("${params.items[0:2].length}", "${params.items | length}"),
        ("${`Hello ${params.name}`}", "write Hello ${params.name}"),
        ("${typeof params.n}", "${type(params.n)}"),
        ("${new Date()}", "${now}"),
        ("${Date.now()}", "${now}"),
        ("${params.n ?? 3}", "${params.n | default('x')}"),
        ("${params.a?.b}", "${params.a.name || 'x'}"),
        ("${JSON.stringify(params.a)}", "${params.a | json}"),
        ("${Math.round(params.n)}", "${params.n | round}"),
        ("${parseInt(params.n)}", "${to_number(params.n)}"),
        ("${String(params.n)}", "${to_string(params.n)}"),
        # JSONPath
        ("${$.params.city}", "${params.city}"),
        ("${$.steps.x.items[0].id}", "${steps.x.items[0].id}"),
        ("${length($.params.list)}", "${params.list}"),
    ],
)
def test_a_form_of_another_language_is_refused_with_the_form_to_use(template: str, instead: str) -> None:
    assert instead in fault_of(template)


@pytest.mark.parametrize(
    ("condition", "instead"),
    [
        ("{{ params.ready }}", "${params.ready}"),
        ("params.names | join('x'", "it ends too early"),
        ("$.params.n > 3", "${params.n}"),
        ("params.items.length > 3", "${params.items | length}"),
        ("params.items.some(x => x.ok)", "${params.items[?price > 20] | length > 0}"),
    ],
)
def test_a_condition_refuses_the_same_forms(condition: str, instead: str) -> None:
    assert instead in fault_of(condition, field="if")


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("${params.a ? 1}", "a choice has two values: a ? b : c, at character 10"),
        ("${params.a ? : 1}", "at character 12"),
        ("${params.a ? 1 :}", "ends too early"),
        ("${if(params.a)}", "if() takes a condition"),
        ("${if(params.a, 1, 2, 3)}", "if() takes a condition"),
        ("${nope(params.a)}", "there is no function nope(); known are abs, add_days,"),
        ("${params.a | nope(1)}", "there is no function nope()"),
        ("${params.a | upper(2)}", "upper takes nothing beside the value: write value | upper"),
        ("${params.a | round(1, 2)}", "round takes at most one argument beside the value: write value | round(2)"),
        ("${params.a | split}", "split takes one argument beside the value: write value | split(',')"),
        ("${default(params.a)}", "write value | default('none')"),
        ("${params.names | join(', '}", "is not closed"),
        ("${params.a, date:HH}", "',' is not expected here"),
        ("${upper()}", "upper takes nothing beside the value"),
        ("${length(params.a params.b)}", "Expecting: comma"),
        ("${'a'('b')}", "is not a function's name"),
        ('${"length"(params.a)}', "Quoted identifier not allowed"),
        (
            "${date:YYYY-MM-DD}",
            "'YYYY-MM-DD' is not understood in a date's format; known are yyyy MM dd HH mm ss ww dow",
        ),
        ("${params.a ? date:params.b}", "put spaces around the colon"),
        ("${date:yyyy-MM-dd/ww}", "${date:yyyy-MM-dd} and ${date:ww/yyyy}"),
        ("${date:HH == 9}", "compare it with text such as '09'"),
        ("${9 <= date:HH}", "to_number(date:HH) > 8"),
        ("${now | date('%-d.%m')}", "%-d is not a date directive here; known are %Y"),
        ("${now | date('%s')}", "%s is not a date directive"),
        ("${now | date('100%')}", "% is not a date directive"),
        ("${date(now, '%c')}", "%c is not a date directive"),
        ("${params" + " | upper" * 11 + "}", "more than 10 pipes"),
        ("${" + "params.a ? 1 : " * 30 + "2}", "nested deeper than 20"),
        ("${" + "a?" * 240 + "1" + ":1" * 240 + "}", "nested deeper than 20"),
    ],
)
def test_a_wrong_choice_date_or_filter_is_refused_with_its_cure(template: str, says: str) -> None:
    assert says in fault_of(template)


@pytest.mark.parametrize(
    "expression",
    [
        'params."length"',
        "params.box.length.unit",
        "params.length[0]",
        "params.names.length(@)",
        "{length: params.a}",
        "params.text == 'a.length'",
        "params.text == 'x => y'",
        "params.text == '`${a}`'",
        "params.a === 1 && params.b !== 2 || params.c",
    ],
)
def test_what_only_looks_like_another_language_is_allowed(expression: str) -> None:
    compile_expression(expression)


@pytest.mark.parametrize("text", ["items.length", "date:HH", "now + 1d", "$.items", "`${a}`"])
def test_a_query_over_one_value_refuses_them_too(text: str) -> None:
    with pytest.raises(InvalidExpression, match=r"\$\{"):
        compile_query(text)


def expressions_in(value: Any, *, key: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [found for name, item in value.items() for found in expressions_in(item, key=name)]
    if isinstance(value, list):
        return [found for item in value for found in expressions_in(item, key=key)]
    return [(key, value)] if isinstance(value, str) and (key == "if" or "${" in value) else []


EXAMPLES = json.loads((Path(__file__).parent / "expressions_of_users.json").read_text())


@pytest.mark.parametrize(("key", "text"), expressions_in(EXAMPLES))
def test_what_users_bring_is_understood(key: str, text: str) -> None:
    if key == "if":
        compile_expression(unwrapped(text))
    else:
        compile_template(text)
