"""In a simulated run nothing outside is asked, and each step answers as it might."""

from typing import Any

import pytest

from pipelines import Catalogue, Failed, Succeeded, Tool
from pipelines.simulation import SimulatedCatalogue
from tests.unit.pipelines.fakes import BUILTIN, run


def never(_given: Any, _call: Any) -> Any:
    raise AssertionError("it was called")


def outside(address: str = "wx.forecast", **about: Any) -> Tool:
    return Tool(address, never, destination=lambda _given: "wx example.org:443", **about)


def simulated(*tools: Tool) -> Catalogue:
    return SimulatedCatalogue(BUILTIN.with_tools(*tools))


EXAMPLES = (
    {"input": {"city": "Iasi"}, "output": {"degrees": 10}},
    {"input": {"city": "Chisinau", "unit": "C"}, "output": {"degrees": 20}},
    {"input": {"city": "Chisinau", "unit": "F"}, "output": {"degrees": 68}},
)


@pytest.mark.parametrize(
    ("given", "degrees"),
    [
        ({"city": "Chisinau", "unit": "F"}, 68),
        ({"city": "Chisinau"}, 20),
        ({"city": "Balti", "unit": "F"}, 68),
        ({"town": "Orhei"}, 10),
        ({}, 10),
    ],
)
def test_the_example_whose_input_is_most_like_what_is_given_answers(given: dict[str, Any], degrees: int) -> None:
    ran = run({"id": "wx", "uses": "wx.forecast", "with": given}, tools=simulated(outside(examples=EXAMPLES)))

    assert ran.record("wx").output == {"degrees": degrees}


def test_without_examples_the_answer_fits_the_output_schema() -> None:
    schema = {"type": "object", "properties": {"degrees": {"type": "number", "minimum": 3}}, "required": ["degrees"]}

    ran = run({"id": "wx", "uses": "wx.forecast"}, tools=simulated(outside(output_schema=schema)))

    assert ran.record("wx").output == {"degrees": 3}


def test_what_cannot_be_made_up_fails_and_names_the_part_of_the_schema() -> None:
    schema = {"properties": {"id": {"type": "string", "pattern": "^x{7}y$"}}, "required": ["id"]}

    ran = run({"id": "wx", "uses": "wx.forecast"}, tools=simulated(outside(output_schema=schema)))

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.code == "cannot_simulate"
    assert "output_schema at /properties/id/pattern" in ran.outcome.error.message


def test_an_example_that_does_not_fit_the_schema_is_told_as_a_real_answer_would_be() -> None:
    tool = outside(
        examples=({"output": {"degrees": "warm"}},), output_schema={"properties": {"degrees": {"type": "number"}}}
    )

    ran = run({"id": "wx", "uses": "wx.forecast"}, tools=simulated(tool))

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.code == "invalid_output"


def test_the_input_is_rendered_and_checked_as_ever() -> None:
    schema = {"properties": {"city": {"type": "string"}}}
    step = {"id": "wx", "uses": "wx.forecast", "with": {"city": "${params.city}"}}
    tools = simulated(outside(input_schema=schema))

    assert run(step, params={"city": "Iasi"}, tools=tools).record("wx").input == {"city": "Iasi"}
    failed = run(step, params={"city": 7}, tools=tools).outcome
    assert isinstance(failed, Failed)
    assert failed.error.code == "invalid_input"


def test_a_tool_that_touches_nothing_outside_is_what_it_is() -> None:
    ran = run(
        {"id": "a", "uses": "debug.echo", "with": {"n": 1}},
        {"id": "b", "uses": "system.transform", "with": {"value": "${steps.a}", "expression": "n"}},
        tools=simulated(),
    )

    assert (ran.record("a").output, ran.record("b").output) == ({"n": 1}, 1)


@pytest.mark.parametrize(
    ("uses", "given", "output"),
    [
        ("system.sleep", {"seconds": 604_800}, {"slept_seconds": 604_800}),
        (
            "orchestrator.request_approval",
            {"message": "Pay?"},
            {
                "status": "approved",
                "approved": True,
                "by": "simulation",
                "comment": "",
                "at": "2026-11-21T12:00:00+00:00",
            },
        ),
    ],
)
def test_nobody_waits(uses: str, given: dict[str, Any], output: Any) -> None:
    ran = run({"id": "a", "uses": uses, "with": given}, tools=simulated())

    assert (ran.outcome, ran.record("a").output) == (Succeeded(), output)
    assert ran.journal.waited == []


def test_nobody_is_asked_whether_a_call_may_be_made_nor_told_that_one_is() -> None:
    ran = run(
        {"uses": "wx.forecast"},
        {"uses": "http.request", "with": {"url": "https://example.org"}},
        tools=simulated(outside()),
    )

    assert ran.journal.verbs == ["keep", "keep"]
    assert [record.idempotency_key for record in ran.journal.records] == ["", ""]
    assert ran.journal.asked == []


def test_every_builtin_tool_can_be_simulated_with_its_own_example() -> None:
    for tool in BUILTIN:
        for example in tool.examples or ({},):
            given = example.get("input", {})
            ran = run({"id": "call", "uses": tool.address, "with": given}, tools=simulated())
            assert ran.outcome == Succeeded(), tool.address


def test_it_is_the_same_catalogue_otherwise() -> None:
    tools = simulated(outside())

    assert len(tools) == len(BUILTIN) + 1
    assert [tool.address for tool in tools] == [*(tool.address for tool in BUILTIN), "wx.forecast"]
    assert "wx.forecast" in tools
    assert "wx.other" not in tools
    assert tools.get("wx.forecast").at_most_once is False


def test_the_steps_inside_a_step_are_simulated_too() -> None:
    body = [{"id": "wx", "uses": "wx.forecast", "with": {"city": "${item}"}}]
    items = ["Iasi", "Chisinau"]

    ran = run(
        {"id": "each", "uses": "pipeline.foreach", "with": {"items": items, "body": body}},
        {"id": "sum", "uses": "system.evaluate", "with": {"expression": "x > `1`", "x": 2}},
        tools=simulated(outside(examples=EXAMPLES)),
    )

    assert ran.record("each").output == [{"degrees": 10}, {"degrees": 20}]
    assert ran.record("sum").output == {"result": True, "truth": True}
