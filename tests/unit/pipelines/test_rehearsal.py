"""What the steps of a pipeline would be given, without any call."""

from itertools import count
from typing import Any

from pipelines import Tool, parse
from pipelines.rehearsal import CPU_SECONDS, Rehearsed, rehearse
from tests.unit.pipelines.fakes import BUILTIN, MOMENT


def rehearsed(*steps: dict[str, Any], outputs: dict[str, Any] | None = None, **how: Any) -> list[Rehearsed]:
    tools = how.pop("tools", BUILTIN)
    params = how.pop("params", {})
    context = how.pop("context", {})
    pipeline = parse({"params": params, "pipeline": list(steps)}, tools=tools)
    return rehearse(pipeline, context, outputs=outputs or {}, now=MOMENT, tools=tools, **how)


def echo(value: Any, **step: Any) -> dict[str, Any]:
    return {"uses": "debug.echo", "with": {"value": value}} | step


def code_of(found: Rehearsed) -> str | None:
    return found.error and found.error.code


def test_inputs_are_rendered_from_what_is_given() -> None:
    found = rehearsed(
        echo("${params.city} ${params.unit} ${now_date}", id="wx"),
        echo("${steps.wx.summary} ${event.id}", id="say"),
        params={"city": "Chisinau", "unit": "C"},
        context={"params": {"city": "Iasi"}, "event": {"id": 7}},
        outputs={"wx": {"summary": "sunny"}},
    )

    assert found == [
        Rehearsed("wx", "debug.echo", True, {"value": "Iasi C 2026-10-24"}),
        Rehearsed("say", "debug.echo", True, {"value": "sunny 7"}),
    ]


def test_an_output_is_found_under_both_names_of_its_step() -> None:
    steps = (echo(1, id="wx", save_as="weather"), echo("${steps.wx}"), echo("${steps.weather}"))

    for name in ("wx", "weather"):
        assert [each.input for each in rehearsed(*steps, outputs={name: 5})[1:]] == [{"value": 5}, {"value": 5}]


def test_a_step_without_an_output_is_undefined_for_those_after_it() -> None:
    _, found = rehearsed(echo(1, id="wx"), echo("${steps.wx.summary}"))

    assert code_of(found) == "undefined_reference"
    assert "`steps.wx.summary` is undefined" in found.error.message
    assert (found.holds, found.input) == (True, None)


def test_a_step_whose_condition_does_not_hold_is_null_for_those_after_it() -> None:
    left_out, after = rehearsed(
        echo("${params.none}", id="wx", **{"if": "params.on"}), echo("${steps.wx || 'nothing'}")
    )

    assert left_out == Rehearsed("wx", "debug.echo", False)
    assert after.input == {"value": "nothing"}


def test_a_condition_that_fails_is_the_error_of_its_step_alone() -> None:
    failed, after = rehearsed(echo(1, **{"if": "length(params.n) > 1"}), echo(2), params={"n": 1})

    assert (failed.holds, code_of(failed)) == (None, "expression_failed")
    assert after == Rehearsed("step_2", "debug.echo", True, {"value": 2})


def test_an_input_that_does_not_fit_is_shown_with_its_fault() -> None:
    [found] = rehearsed({"uses": "system.sleep", "with": {"seconds": "${params.n}"}}, params={"n": "x"})

    assert (code_of(found), found.input) == ("invalid_input", {"seconds": "x"})
    assert "/seconds is not a number" in found.error.message


def test_nothing_is_called() -> None:
    def call(_given: Any, _call: Any) -> Any:
        raise AssertionError

    tools = BUILTIN.with_tools(Tool("a.tool", call))

    assert rehearsed({"uses": "a.tool", "with": {"x": 1}}, tools=tools)[0].input == {"x": 1}


def test_all_inputs_together_are_no_larger_than_a_payload() -> None:
    first, second, third = rehearsed(
        echo("${params.a}"), echo("${params.a}"), echo("${params.b}"), context={"params": {"a": "x" * 200_000, "b": 1}}
    )

    assert [code_of(each) for each in (first, second, third)] == [None, "too_large_to_show", None]
    assert second.input is None


def test_what_is_nested_too_deep_only_when_it_is_put_together_is_refused() -> None:
    deep: Any = 1
    for _ in range(32):
        deep = [deep]

    [found] = rehearsed(echo("${params.deep}"), context={"params": {"deep": deep}})

    assert code_of(found) == "invalid_input"


def test_computing_ends_when_its_time_is_over() -> None:
    ticks = count(step=CPU_SECONDS / 2.5)

    found = rehearsed(*[echo("${params.a}")] * 3, params={"a": 1}, cpu=lambda: float(next(ticks)))

    assert [code_of(each) for each in found] == [None, "took_too_long", "took_too_long"]


def test_a_step_that_holds_others_is_not_rendered_itself() -> None:
    body = [{"uses": "debug.echo", "with": {"n": "${item}"}}]

    [found] = rehearsed({"id": "each", "uses": "pipeline.foreach", "with": {"items": [1], "body": body}})

    assert found == Rehearsed("each", "pipeline.foreach", True)
