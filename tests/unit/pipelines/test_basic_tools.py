"""The tools that need nothing but their input, and the catalogue that they are in."""

import logging
from typing import Any

import pytest

from pipelines import Catalogue, ErrorClass, Failed, Interrupted, InvalidPipeline, Parked, Succeeded, Tool, UnknownTool
from tests.unit.pipelines.fakes import BUILTIN, MemoryJournal, run


def output(uses: str, given: dict[str, Any] | None = None, **surroundings: Any) -> Any:
    ran = run({"uses": uses, "with": given or {}}, **surroundings)
    assert ran.outcome == Succeeded()
    return ran.record("step_1").output


def test_the_built_in_tools_are_these() -> None:
    assert {tool.address for tool in BUILTIN} == {
        "noop",
        "debug.echo",
        "echo.test",
        "debug.log",
        "system.sleep",
        "system.transform",
        "system.evaluate",
        "http.request",
        "llm.generate",
        "orchestrator.request_approval",
        "pipeline.foreach",
        "pipeline.parallel",
        "orchestrator.conditional_execution",
        "orchestrator.conditional_logic",
    }
    effects = [tool.address for tool in BUILTIN if not tool.pure]
    assert effects == ["system.sleep", "orchestrator.request_approval", "http.request", "llm.generate"]
    assert all(tool.description and tool.examples for tool in BUILTIN)


def test_noop_takes_anything_and_does_nothing() -> None:
    assert output("noop", {"x": 1}) == {}


@pytest.mark.parametrize("address", ["debug.echo", "echo.test"])
def test_echo_returns_its_input(address: str) -> None:
    assert output(address, {"x": [1, None]}) == {"x": [1, None]}


def test_a_whole_input_may_be_one_template() -> None:
    ran = run({"uses": "debug.echo", "with": "${params}"}, params={"a": 1})

    assert ran.record("step_1").output == {"a": 1}


def test_log_writes_one_escaped_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "ordinaut.debug")

    assert output("debug.log", {"message": "one\nERROR two\x1b[31m ș", "level": "warning"}) == {"logged": True}

    [line] = caplog.records
    assert (line.levelname, line.getMessage()) == ("WARNING", "step step_1: one\\nERROR two\\x1b[31m ș")


def test_log_cuts_long_lines(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "ordinaut.debug")

    output("debug.log", {"text": {"x": "y" * 9000}})

    assert len(caplog.records[0].getMessage()) == len("step step_1: ") + 2000


def test_a_short_sleep_waits_in_place() -> None:
    journal = MemoryJournal()

    assert output("system.sleep", {"seconds": 5}, journal=journal) == {"slept_seconds": 5}
    assert journal.waited == [5]


def test_a_long_sleep_parks_the_run() -> None:
    ran = run({"uses": "system.sleep", "with": {"seconds": 5.1}})

    assert ran.outcome == Parked("step_1", 5.1)
    assert ran.record("step_1").output == {"slept_seconds": 5.1}
    assert ran.journal.waited == []


def test_a_sleep_ends_when_the_run_is_told_to_stop() -> None:
    class Stopping(MemoryJournal):
        def wait(self, seconds: float) -> bool:
            return True

    with pytest.raises(Interrupted):
        run({"uses": "system.sleep", "with": {"seconds": 3}}, journal=Stopping())


def test_a_sleep_ends_at_its_deadline() -> None:
    ran = run({"uses": "system.sleep", "with": {"seconds": 3}, "timeout_seconds": 1})

    assert ran.journal.waited == [1]
    assert isinstance(ran.outcome, Failed)
    assert (ran.outcome.error.error_class, ran.outcome.error.code) == (ErrorClass.TIMEOUT, "timeout")


@pytest.mark.parametrize(
    ("given", "result"),
    [
        ({"value": {"a": 1}}, {"a": 1}),
        ({"value": "${params.list}", "expression": "[?n > 1].n"}, [2]),
        ({"value": "${params.list}", "expression": "length(@)"}, 2),
        ({"value": {"a": 1}, "expression": "b.c"}, None),
        ({"value": {"date": "d", "now": "n"}, "expression": "[date, now]"}, ["d", "n"]),
    ],
)
def test_transform_applies_an_expression_to_its_value(given: dict[str, Any], result: Any) -> None:
    assert output("system.transform", given, params={"list": [{"n": 1}, {"n": 2}]}) == result


@pytest.mark.parametrize(
    ("given", "result", "truth"),
    [
        ({"expression": "a > `1`", "context": {"a": 2}}, True, True),
        ({"expression": "length(@)", "data": [1, 2]}, 2, True),
        ({"expression": "a == b", "a": 1, "b": 2}, False, False),
        ({"expression": "[]", "context": {}}, None, False),
        ({"expression": "missing"}, None, False),
        ({"expression": "a", "a": {}}, {}, False),
        ({"expression": "a", "a": 0}, 0, True),
        ({"expression": "a", "context": None, "a": 3}, None, False),
    ],
)
def test_evaluate_answers_the_result_and_whether_it_counts_as_true(
    given: dict[str, Any], result: Any, truth: bool
) -> None:
    assert output("system.evaluate", given) == {"result": result, "truth": truth}


def test_evaluate_takes_one_context() -> None:
    with pytest.raises(InvalidPipeline, match="/pipeline/0/with"):
        run({"uses": "system.evaluate", "with": {"expression": "a", "context": {}, "data": {}}})


def test_a_bomb_of_an_expression_costs_its_step() -> None:
    bomb = "[@,@] | " * 9 + "to_string(@)"
    ran = run({"uses": "system.evaluate", "with": {"expression": bomb, "data": "x" * 10_000}})

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.code == "value_too_large"


@pytest.mark.parametrize(
    ("expression", "code", "says"),
    [
        ("a.", "invalid_input", "/expression is not an expression: `a.`: it ends too early"),
        ("now + 1h", "invalid_input", "times are moved in a template"),
        ("abs(@)", "expression_failed", "abs()"),
    ],
)
def test_transform_says_what_is_wrong_with_its_expression(expression: str, code: str, says: str) -> None:
    ran = run(
        {"uses": "system.transform", "with": {"value": {}, "expression": "${params.e}"}}, params={"e": expression}
    )

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.code == code
    assert says in ran.outcome.error.message


def test_a_catalogue_grows_by_making_another() -> None:
    extra = Tool("my.tool", lambda given, call: None)

    larger = BUILTIN.with_tools(extra)

    assert larger.get("my.tool") is extra
    assert "my.tool" not in BUILTIN
    assert len(larger) == len(BUILTIN) + 1
    with pytest.raises(ValueError, match=r"two tools called my\.tool"):
        larger.with_tools(extra)
    with pytest.raises(UnknownTool, match=r"no tool called 'your\.tool'"):
        Catalogue().get("your.tool")


@pytest.mark.parametrize("address", ["", "Upper.case", "a..b", "a b", "x" * 65])
def test_a_tools_address_is_namespace_and_name(address: str) -> None:
    with pytest.raises(ValueError, match="not a tool's address"):
        Tool(address, lambda given, call: None)


def test_asking_for_approval_parks_for_a_week_unless_it_says_otherwise() -> None:
    given = {"uses": "orchestrator.request_approval", "with": {"message": "Pay?"}}

    assert run(given).outcome == Parked("step_1", 604_800, waiting_for="approval")
    given["with"] = {"message": "Pay?", "timeout_seconds": 5}
    ran = run(given)

    assert ran.outcome == Parked("step_1", 5, waiting_for="approval")
    assert (ran.record("step_1").state, ran.record("step_1").output) == ("pending", None)
    assert ran.record("step_1").input == {"message": "Pay?", "timeout_seconds": 5}


def test_asking_for_approval_parks_for_hours_if_it_says_so() -> None:
    given = {"message": "Pay?", "timeout_hours": 48, "data": {"total": 20}}

    ran = run({"uses": "orchestrator.request_approval", "with": given})

    assert ran.outcome == Parked("step_1", 172_800, waiting_for="approval")
    assert ran.record("step_1").input == given


@pytest.mark.parametrize(
    "wrong", [{"timeout_hours": 1, "timeout_seconds": 1}, {"timeout_hours": 0}, {"on_timeout": "x"}]
)
def test_asking_for_approval_in_no_possible_time_is_refused_when_it_is_saved(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidPipeline):
        run({"uses": "orchestrator.request_approval", "with": {"message": "Pay?", **wrong}})


def test_what_an_approver_is_shown_is_short_enough_to_be_read() -> None:
    ran = run({"uses": "orchestrator.request_approval", "with": {"message": "Pay?", "data": {"x": ["y" * 17_000]}}})

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.code == "invalid_input"
    assert "16 kB" in ran.outcome.error.message
