"""What choices, written dates and filters mean: (template, result) over one context."""

from datetime import datetime
from typing import Any

import pytest

from pipelines import ErrorClass
from tests.unit.pipelines.fakes import FakeClock, echoed, run

PARAMS: dict[str, Any] = {
    "city": "Chisinau",
    "n": 3,
    "price": 2.675,
    "yes": True,
    "nothing": None,
    "zero": 0,
    "blank": "",
    "empty": [],
    "digits": 1,
    "csv": "a,b,c",
    "names": ["a", "b"],
    "at": "2026-01-01T08:05:09+00:00",
    "length": "a field called length",
    "box": {"length": {"unit": "cm"}, "upper": "a field called upper", "date": "a field called date"},
    "items": [{"name": "a", "price": 10, "tags": ["x"]}, {"name": "b", "price": 30, "tags": []}],
}

ROWS: list[tuple[str, Any]] = [
    # choices
    ("params.n > 2 ? 'many' : 'few'", "many"),
    ("params.n>2?'many':'few'", "many"),
    ("params.n > 5 ? 'a' : params.n > 2 ? 'b' : 'c'", "b"),
    ("params.n > 5 ? 'a' : params.n > 4 ? 'b' : 'c'", "c"),
    ("params.yes ? params.n > 5 ? 'a' : 'b' : 'c'", "b"),
    ("params.nothing || params.yes ? 1 : 2", 1),
    ("params.yes && params.empty ? 1 : 2", 2),
    ("!params.empty ? 'none' : 'some'", "none"),
    ("params.zero ? 'true, as JMESPath has it' : 'false'", "true, as JMESPath has it"),
    ("params.names | [0] == 'a' ? 'first' : 'other'", "first"),
    ("params.names | [0] ? params.n : 0", 3),
    ("params.yes ? params.n : params.nope.deeper", 3),
    ("params.yes ? now : 'never'", "2026-10-24T12:30:15+03:00"),
    ("params.yes ? date:HH : date", "12"),
    ("params.yes ? -1 : 1", -1),
    ("{a: params.yes ? 1 : 2, date: params.n}", {"a": 1, "date": 3}),
    ("[params.yes ? 1 : 2, params.names[0:1]]", [1, ["a"]]),
    ("(params.yes ? params.box : params.items).upper", "a field called upper"),
    ("params.items[?price > 20 ? true : false].name", ["b"]),
    ("if(params.n > 2, 'many', 'few')", "many"),
    ("if(params.n > 5, 'many', 'few')", "few"),
    ("if(params.n > 5, params.nope)", None),
    ("if(params.n > 2, 'many', params.nope)", "many"),
    ("if(params.nope == null, 1, 2)", 1),
    ("if(params.yes, if(params.zero, 1, 2), 3)", 1),
    # the run's moment, written
    ("date:yyyy-MM-dd", "2026-10-24"),
    ("date:dd.MM.yyyy HH:mm", "24.10.2026 12:30"),
    ("date:yyyy-MM-ddTHH:mm:ss", "2026-10-24T12:30:15"),
    ("date:yyyyMMdd_HHmmss", "20261024_123015"),
    ("date:HH", "12"),
    ("date:ww/yyyy", "43/2026"),
    ("date:dow", "6"),
    ("date:HH == '12' and date:mm >= '30'", True),
    ("to_number(date:HH) > 8", True),
    ("[date:HH, date]", ["12", "2026-10-24"]),
    ("{date: date:HH, b: 1}", {"date": "12", "b": 1}),
    ("{date:params.n}", {"date": 3}),
    ("{b: [1, 2], date:params.n}", {"b": [1, 2], "date": 3}),
    ("params.items[].[name, date:HH]", [["a", "12"], ["b", "12"]]),
    # times
    ("now-24h", "2026-10-23T12:30:15+03:00"),
    ("now+24h", "2026-10-25T11:30:15+02:00"),
    ("now-24h | iso", "2026-10-23T12:30:15+03:00"),
    ("now | iso", "2026-10-24T12:30:15+03:00"),
    ("iso(now)", "2026-10-24T12:30:15+03:00"),
    ("'2026-10-24T12:30:15.250Z' | iso", "2026-10-24T12:30:15+00:00"),
    ("now_date | iso", "2026-10-24"),
    ("now | date('%d.%m.%Y')", "24.10.2026"),
    ("now | date", "2026-10-24"),
    ("date(now, '%H:%M:%S')", "12:30:15"),
    ("now | date('%a %A %b %B %j %y %I %p %u')", "Sat Saturday Oct October 297 26 12 PM 6"),
    ("now | date('week %V of %G, %z, 100 %%')", "week 43 of 2026, +0300, 100 %"),
    ("params.at | date('%I:%M %p')", "08:05 AM"),
    ("now_date | date('%d.%m.%Y %H')", "24.10.2026 00"),
    ("now | add_days(7) | iso", "2026-10-31T12:30:15+02:00"),
    ("now | add_days(-1)", "2026-10-23T12:30:15+03:00"),
    ("now | add_days(params.n) | date", "2026-10-27"),
    ("now_date | add_days(7)", "2026-10-31"),
    ("'2026-03-01' | add_days(-1)", "2026-02-28"),
    ("now + 1d | date('%d')", "25"),
    ("now | week_number", 43),
    ("'2027-01-01' | week_number", 53),
    ("params.items[].add_days(now, 1)", ["2026-10-25T12:30:15+02:00"] * 2),
    ("params.items[?price > 20].not_null(now)", ["2026-10-24T12:30:15+03:00"]),
    ("{a: 1}.*.not_null(now)", ["2026-10-24T12:30:15+03:00"]),
    ("now | add_days(1) > now", True),
    ("(now | add_days(1)) + 1h", "2026-10-25T13:30:15+02:00"),
    # numbers
    ("params.price | round(2)", 2.68),
    ("params.price | round(params.digits)", 2.7),
    ("params.price | round", 3),
    ("-2.5 | round", -3),
    ("params.n | round(2)", 3),
    ("1e300 | round(2)", 1e300),
    ("round(params.price, 1)", 2.7),
    ("params.items[].price | sum", 40),
    ("params.empty | sum", 0),
    # lists and text
    ("params.names | length", 2),
    ("params.names | length > 1", True),
    ("params.n > 2 and params.names | length == 2", True),
    ("2 == params.names | length", True),
    ("not params.names | length > 5", True),
    ("params.items[?tags | length > 0].name", ["a"]),
    ("params.city | length", 8),
    ("params.items[].name | join(', ')", "a, b"),
    ("params.names | join", "ab"),
    ("params.names | join()", "ab"),
    ("now | upper", "2026-10-24T12:30:15+03:00"),
    ("not_null(params.nothing, date:HH)", "12"),
    ("params.csv | split(',')", ["a", "b", "c"]),
    ("params.csv | split(',')[1]", "b"),
    ("params.csv | split(',') | length", 3),
    ("split(params.csv, ',')[-1]", "c"),
    ("params.city | upper", "CHISINAU"),
    ("upper(params.city) | lower", "chisinau"),
    ("params.names | json", '["a", "b"]'),
    ("params.city | json", '"Chisinau"'),
    ("now | json", '"2026-10-24T12:30:15+03:00"'),
    ("{a: 'ă'} | json", '{"a": "ă"}'),
    # what is missing
    ("params.nope | default('x')", "x"),
    ("params.nope.deeper[0] | default(params.n)", 3),
    ("params.nothing | default('x')", "x"),
    ("params.zero | default(5)", 0),
    ("params.blank | default('x')", ""),
    ("params.city | default(params.nope)", "Chisinau"),
    ("default(params.nope, 'x') | upper", "X"),
    ("params.nope | default([])", []),
    ("params.nope || []", []),
    ("params.nope || {}", {}),
    ("params.empty == []", True),
    ("params.nope | default(params.nil) | default('z')", "z"),
    # filters and fields, filters and functions
    ('params | "length"', "a field called length"),
    ("params.box | length.unit", "cm"),
    ("params.box.upper", "a field called upper"),
    ("{date: params.box.date}", {"date": "a field called date"}),
    ("params.names | length(@)", 2),
    ("params.names | join('-', @)", "a-b"),
    ("params.price | round(@, 1)", 2.7),
    ("join('-', params.names)", "a-b"),
    ("length(params.names)", 2),
    ("params.items[].price | sum(@) | round(1)", 40),
]


@pytest.mark.parametrize(("expression", "result"), ROWS, ids=[expression for expression, _ in ROWS])
def test_an_expression_means(expression: str, result: Any) -> None:
    rendered = echoed(f"${{ {expression} }}", params=PARAMS)

    assert (rendered, type(rendered)) == (result, type(result))


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("params.n | upper", "upper() takes text; to_string() makes it; it was given number"),
        ("params.names | lower", "lower() takes text"),
        ("params.n | split(',')", "split() takes text"),
        ("params.csv | split(params.blank)", "split() takes a separator"),
        ("params.csv | split(params.n)", "split() takes a separator"),
        ("params.wide | split(',')", "a list of more than 100000"),
        ("[1, 2] | join(', ')", "becomes one by [].to_string(@)"),
        ("params.city | round", "round() takes a number; it was given string 'Chisinau'"),
        ("params.yes | round", "round() takes a number; it was given boolean"),
        ("to_number('nan') | round", "round() takes a number"),
        ("params.price | round(11)", "from 0 to 10 digits"),
        ("params.price | round(true)", "from 0 to 10 digits"),
        ("params.city | iso", "iso() takes a time"),
        ("'2026-13-01' | iso", "iso() takes a time"),
        ("'2026-01-01T00:00:00' | iso", "with an offset"),
        ("params.n | date('%d')", "date() takes a time: now,"),
        ("params.n | week_number", "week_number() takes a time"),
        ("now | date(params.n)", "date() takes a format"),
        ("now | date(params.format)", "%Q is not a date directive"),
        ("now | date(params.long)", "at most 100 characters"),
        ("now_date | date('%z')", "a day without a time has no offset"),
        ("now | add_days(1.5)", "a whole number of days"),
        ("now | add_days(99999)", "a hundred years at most"),
        ("'0001-01-01' | add_days(-1)", "out of range"),
        ("now | round", "it was given a time"),
        ("params.names | sum", "sum()"),
        ("params.n | length", "length()"),
        ("(&params.n) | upper", "it was given an expression"),
    ],
)
def test_a_filter_that_cannot_take_its_value_fails_the_step_and_says_what_it_takes(expression: str, says: str) -> None:
    error = echoed(f"${{ {expression} }}", params={**PARAMS, "format": "%Q", "long": "%B" * 51, "wide": "," * 100_000})

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "expression_failed")
    assert says in error.message


@pytest.mark.parametrize(
    "expression",
    [
        "params.nope ? 1 : 2",
        "params.nope > 2 ? 1 : 2",
        "params.yes ? params.nope : 2",
        "if(params.nope, 1, 2)",
        "params.nope | upper",
        "params.nope | length > 0",
        "params.nothing | default(params.nope)",
    ],
)
def test_what_is_undefined_fails_the_step_in_choices_and_filters_too(expression: str) -> None:
    error = echoed(f"${{ {expression} }}", params=PARAMS)

    assert error.code == "undefined_reference"
    assert "`params.nope` is undefined" in error.message


@pytest.mark.parametrize(
    ("day", "written"), [("2027-01-01", "53/2026"), ("2024-12-30", "01/2025"), ("2026-01-05", "02/2026")]
)
def test_beside_the_week_the_year_is_the_one_of_the_week(day: str, written: str) -> None:
    clock = FakeClock(datetime.fromisoformat(f"{day}T12:00:00+02:00"))

    assert echoed("${date:ww/yyyy}", clock=clock) == written


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ("${date:HH == '12'}", "succeeded"),
        ("date:dow <= '5'", "skipped"),
        ("steps.first.value | length > 3", "succeeded"),
        ("steps.first.nope ? true : false", "skipped"),
        ("if(steps.first.value == 'seen', true, false)", "succeeded"),
    ],
)
def test_a_condition_has_the_same_language(condition: str, state: str) -> None:
    ran = run(
        {"id": "first", "uses": "debug.echo", "with": {"value": "seen"}},
        {"id": "second", "uses": "noop", "if": condition},
        params=PARAMS,
    )

    assert ran.record("second").state == state


def test_a_written_date_reads_the_clock_once_in_a_run() -> None:
    clock = FakeClock()

    run(*({"uses": "debug.echo", "with": {"at": "${date:HH:mm} ${date:ss}"}} for _ in range(3)), clock=clock)

    assert clock.asked == 1
