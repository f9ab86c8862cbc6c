"""What each form of the language means: (template, result) over one context."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.unit.pipelines.fakes import FakeClock, echoed, run

PARAMS: dict[str, Any] = {
    "city": "Chisinau",
    "n": 3,
    "zero": 0,
    "half": 0.5,
    "yes": True,
    "nothing": None,
    "empty": [],
    "and": "a field called and",
    "not": "a field called not",
    "true": "a field called true",
    "now": "a field called now",
    "content-type": "text/plain",
    "items": [
        {"name": "a", "price": 10, "date": "2026-01-01", "at": "2026-10-23T00:00:00+00:00"},
        {"name": "b", "price": 30, "date": "2026-02-02", "at": "2026-10-25T00:00:00+00:00"},
    ],
    "deep": {"list": [[1, 2], [3]], "text": "${params.city}"},
}

ROWS: list[tuple[Any, Any]] = [
    # a template alone keeps the JSON type
    ("${params.n}", 3),
    ("${ params.n }", 3),
    ("${params.half}", 0.5),
    ("${params.yes}", True),
    ("${params.nothing}", None),
    ("${params.deep.list}", [[1, 2], [3]]),
    ("${params.items[0].name}", "a"),
    ("${params.items[-1].name}", "b"),
    ("${params.deep.list[0][1]}", 2),
    # embedded, it becomes text
    ("in ${params.city}!", "in Chisinau!"),
    ("${params.n}${params.n}", "33"),
    ("n=${params.n}, yes=${params.yes}, nothing=${params.nothing}", "n=3, yes=true, nothing=null"),
    ("list: ${params.deep.list}", "list: [[1, 2], [3]]"),
    ("at ${now}", "at 2026-10-24T12:30:15+03:00"),
    ("both ${[now, params.n]}", 'both ["2026-10-24T12:30:15+03:00", 3]'),
    # what is no template
    ("costs $5 {not} $params", "costs $5 {not} $params"),
    ("", ""),
    # rendered once
    ("${params.deep.text}", "${params.city}"),
    ("see ${params.deep.text}", "see ${params.city}"),
    # braces and quotes inside
    ("${ {city: params.city, n: params.n} }", {"city": "Chisinau", "n": 3}),
    ("${'}'}", "}"),
    ("${'it\\'s }'}", "it's }"),
    ('${params."content-type"}', "text/plain"),
    # deep in objects and lists
    ({"a": [{"b": "${params.n}"}, "x"]}, {"a": [{"b": 3}, "x"]}),
    # JMESPath
    ("${params.items[?price > `20`].name}", ["b"]),
    ("${params.items[].price | sum(@)}", 40),
    ("${params.items[0:1].name}", ["a"]),
    ("${params.items[*].{n: name, d: date}}", [{"n": "a", "d": "2026-01-01"}, {"n": "b", "d": "2026-02-02"}]),
    ("${params.deep.list[]}", [1, 2, 3]),
    ("${params.deep.* | length(@)}", 2),
    ("${sort_by(params.items, &price)[-1].name}", "b"),
    ("${max_by(params.items, &price).name}", "b"),
    ("${join(', ', params.items[].name)}", "a, b"),
    ("${to_string(params.deep.list)}", "[[1,2],[3]]"),
    ("${contains(params.city, 'Chi')}", True),
    ("${contains(params.city, `3`)}", False),
    ("${contains(params.deep.list, [3])}", False),
    ("${contains(params.deep.list, `[3]`)}", True),
    ("${length(params.city)}", 8),
    ('${`{"a": 1}`.a}', 1),
    ("${`bare text`}", "bare text"),
    ("${params.items | [0].name}", "a"),
    # bare numbers and constants
    ("${params.items[?price > 20].name}", ["b"]),
    ("${params.items[?price > 9.5 && price < 1e2].name}", ["a", "b"]),
    ("${params.n == 3}", True),
    ("${params.n === 3}", True),
    ("${params.n !== 3}", False),
    ("${params.n > -1}", True),
    ("${params.yes == true}", True),
    ("${params.nothing == null}", True),
    ("${42}", 42),
    ("${false}", False),
    ("${[1, 2, params.n]}", [1, 2, 3]),
    ("${[0.5]}", [0.5]),
    ("${params.deep.list == `[[1, 2], [3]]`}", True),
    ("${params.n == 'x'}", False),
    ("${params.n < 'x'}", None),
    ("${params.city < 'D'}", True),
    # words
    ("${params.n > 2 and params.n < 5}", True),
    ("${params.n > 5 or params.yes}", True),
    ("${not params.yes}", False),
    ("${not params.n == 4}", True),
    ("${!params.empty}", True),
    ("${params.and}", "a field called and"),
    ("${params.not}", "a field called not"),
    ("${params.true}", "a field called true"),
    ("${params.now}", "a field called now"),
    ("${ {true: 1, not: 2, and: 3} }", {"true": 1, "not": 2, "and": 3}),
    # absence that the expression deals with
    ("${params.nope || 'default'}", "default"),
    ("${params.nope.deeper[0] || params.n}", 3),
    ("${params.nope == null}", True),
    ("${not_null(params.nope, params.n)}", 3),
    ("${not params.nope}", True),
    ("${params.nope && params.n}", None),
    ("${params.items[].nope}", []),
    ("${params.items | [5]}", None),
    # time
    ("${now}", "2026-10-24T12:30:15+03:00"),
    ("${now_iso}", "2026-10-24T12:30:15+03:00"),
    ("${now_date}", "2026-10-24"),
    ("${date}", "2026-10-24"),
    ("${now+24h}", "2026-10-25T11:30:15+02:00"),
    ("${now + 1d}", "2026-10-25T12:30:15+02:00"),
    ("${now - 7d}", "2026-10-17T12:30:15+03:00"),
    ("${now-1w}", "2026-10-17T12:30:15+03:00"),
    ("${now + 3600}", "2026-10-24T13:30:15+03:00"),
    ("${now + 1h30m}", "2026-10-24T14:00:15+03:00"),
    ("${now + 1h - 30m}", "2026-10-24T13:00:15+03:00"),
    ("${now + params.n}", "2026-10-24T12:30:18+03:00"),
    ("${params.items[0].at + 1d}", "2026-10-24T00:00:00+00:00"),
    (
        "${ {when: now + 1h, list: [now]} }",
        {"when": "2026-10-24T13:30:15+03:00", "list": ["2026-10-24T12:30:15+03:00"]},
    ),
    ("${to_string(now)}", "2026-10-24T12:30:15+03:00"),
    ("${now > '2026-01-01T00:00:00Z'}", True),
    ("${now < 'next week'}", None),
    ("${now == now}", True),
    ("${params.items[?at > now].name}", ["b"]),
    ("${params.items[?date == '2026-01-01'].name}", ["a"]),
]


@pytest.mark.parametrize(("template", "result"), ROWS, ids=[str(template)[:60] for template, _ in ROWS])
def test_a_template_means(template: Any, result: Any) -> None:
    rendered = echoed(template, params=PARAMS)

    assert (rendered, type(rendered)) == (result, type(result))


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("params.n > 2", True),
        ("${params.n > 2}", True),
        (" ${ params.n > 5 } ", False),
        ("params.zero", True),  # JMESPath: 0 is true
        ("params.empty", False),
        ("params.nothing", False),
        ("params.nope.deeper", False),
        ("params.nope > 3", False),
        ("!params.nope", True),
        ("steps.first.value.x == 1", False),
        ("steps.first.value == 'seen'", True),
        ("now > '2026-01-01T00:00:00Z' and not params.empty", True),
    ],
)
def test_a_condition_holds_or_not(condition: str, *, holds: bool) -> None:
    ran = run(
        {"id": "first", "uses": "debug.echo", "with": {"value": "seen"}},
        {"id": "second", "uses": "noop", "if": condition},
        params=PARAMS,
    )

    assert ran.record("second").state == ("succeeded" if holds else "skipped")


def test_a_local_time_that_does_not_exist_moves_forward_by_the_gap() -> None:
    night_before_spring = datetime(2026, 3, 28, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))

    assert echoed("${now + 1d}", clock=FakeClock(night_before_spring)) == "2026-03-29T03:30:00+02:00"
