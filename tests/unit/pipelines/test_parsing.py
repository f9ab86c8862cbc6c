"""What is a pipeline, and what is refused with which pointer and cure."""

from typing import Any

import pytest

from pipelines import Fault, InvalidPipeline, parse
from tests.unit.pipelines.fakes import BUILTIN


def faults_of(payload: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidPipeline) as refused:
        parse(payload, tools=BUILTIN)
    return [(fault.pointer, fault.message) for fault in refused.value.faults]


def fault_in(step: Any, *, before: tuple[dict[str, Any], ...] = ()) -> tuple[str, str]:
    [fault] = faults_of({"pipeline": [*before, step]})
    return fault


def test_the_smallest_pipeline_gets_ids_by_position() -> None:
    pipeline = parse({"pipeline": [{"uses": "noop"}, {"uses": "noop"}]}, tools=BUILTIN)

    assert [step.id for step in pipeline.steps] == ["step_1", "step_2"]
    assert pipeline.params == {}
    assert not pipeline.reads_clock


def test_a_step_keeps_what_was_written() -> None:
    step = {
        "id": "a-b",
        "uses": "noop",
        "with": {"x": "${params.x}"},
        "save_as": "c",
        "if": "true",
        "timeout_seconds": 5,
        "description": "why",
    }

    [parsed] = parse({"params": {"x": 1}, "pipeline": [step]}).steps

    assert (parsed.id, parsed.uses, parsed.save_as) == ("a-b", "noop", "c")
    assert (parsed.timeout_seconds, parsed.description) == (5.0, "why")


@pytest.mark.parametrize("where", ["with", "if"])
def test_only_a_pipeline_that_names_the_time_reads_the_clock(where: str) -> None:
    value = {"at": "${now+1h}"} if where == "with" else "now > '2026-01-01T00:00:00Z'"

    assert parse({"pipeline": [{"uses": "noop", where: value}]}).reads_clock


@pytest.mark.parametrize(
    ("payload", "pointer", "says"),
    [
        ([], "", "the payload is an object"),
        ({}, "/pipeline", "is not a list of steps"),
        ({"pipeline": []}, "/pipeline", "has no step; write at least one"),
        ({"pipeline": {"uses": "noop"}}, "/pipeline", "is not a list of steps"),
        ({"pipeline": [{"uses": "noop"}] * 101}, "/pipeline", "has 101 steps; 100 are allowed"),
        ({"pipeline": [{"uses": "noop"}], "params": []}, "/params", "is not an object"),
        ({"pipeline": [{"uses": "noop"}], "a/b": 1}, "/a~1b", "a payload has params and pipeline"),
        ({"pipeline": [{"uses": "noop"}], "params": {"x": "y" * 256_000}}, "/params/x", "larger than 256 kB"),
        ({"pipeline": [{"uses": "noop"}], "params": {"x": [0, "\0"]}}, "/params/x/1", "NUL"),
        ({"pipeline": [{"uses": "noop"}], "params": {"x": "\ud800"}}, "/params/x", "surrogate"),
        ({"pipeline": [{"uses": "noop"}], "params": {"x": float("nan")}}, "/params/x", "NaN"),
        ({"pipeline": [{"uses": "noop"}], "params": {"x": 10**30}}, "/params/x", "64 bits"),
        ({"pipeline": [{"uses": "noop"}], "params": {"x": {1: 2}}}, "/params/x", "names are text"),
    ],
)
def test_a_wrong_payload_is_refused(payload: Any, pointer: str, says: str) -> None:
    [fault] = faults_of(payload)

    assert fault[0] == pointer
    assert says in fault[1]


@pytest.mark.parametrize(
    ("step", "pointer", "says"),
    [
        ("noop", "/pipeline/1", "is not an object"),
        ({}, "/pipeline/1/uses", "needs the address of its tool"),
        ({"uses": 3}, "/pipeline/1/uses", "needs the address of its tool"),
        ({"uses": "debug.ecko"}, "/pipeline/1/uses", "no tool called 'debug.ecko', did you mean 'debug.echo'?"),
        ({"uses": "noop", "id": "1st"}, "/pipeline/1/id", "a name begins with a letter"),
        ({"uses": "noop", "id": "a" * 65}, "/pipeline/1/id", "at most 64 characters"),
        ({"uses": "noop", "id": None}, "/pipeline/1/id", "is not a name"),
        ({"uses": "noop", "id": "first"}, "/pipeline/1/id", "'first' is already taken by the id of step 1;"),
        ({"uses": "noop", "save_as": "first"}, "/pipeline/1/save_as", "already taken by the id of step 1;"),
        ({"uses": "noop", "save_as": "saved"}, "/pipeline/1/save_as", "already taken by the save_as of step 1;"),
        ({"uses": "noop", "save_as": "with space"}, "/pipeline/1/save_as", "is not a name"),
        ({"uses": "noop", "with": [1]}, "/pipeline/1/with", "is not an object"),
        ({"uses": "noop", "with": "text"}, "/pipeline/1/with", "is not an object"),
        ({"uses": "noop", "saveas": "x"}, "/pipeline/1/saveas", "did you mean 'save_as'?"),
        ({"uses": "noop", "if": 3}, "/pipeline/1/if", "is not an expression"),
        ({"uses": "noop", "if": "params.a >"}, "/pipeline/1/if", "ends too early"),
        ({"uses": "noop", "if": ""}, "/pipeline/1/if", "one expression"),
        ({"uses": "noop", "if": "${params.a} or ${params.b}"}, "/pipeline/1/if", "one expression"),
        ({"uses": "noop", "if": "{{ params.a }}"}, "/pipeline/1/if", "templates are written ${params.a}"),
        ({"uses": "noop", "if": "steps.wether.x"}, "/pipeline/1/if", "no step is called 'wether'"),
        ({"uses": "noop", "timeout_seconds": 0}, "/pipeline/1/timeout_seconds", "above 0, at most 300"),
        ({"uses": "noop", "timeout_seconds": 301}, "/pipeline/1/timeout_seconds", "at most 300"),
        ({"uses": "noop", "timeout_seconds": True}, "/pipeline/1/timeout_seconds", "is not a number"),
        ({"uses": "noop", "description": 1}, "/pipeline/1/description", "is not a text"),
        ({"uses": "system.sleep"}, "/pipeline/1/with/seconds", "is missing"),
        ({"uses": "system.sleep", "with": {"seconds": -1}}, "/pipeline/1/with/seconds", "is out of range"),
        (
            {"uses": "system.transform", "with": {"value": 1, "expression": "a."}},
            "/pipeline/1/with/expression",
            "is not an expression: `a.`: it ends too early",
        ),
        ({"uses": "noop", "with": {"a": [{"b/c": "${x.y}"}]}}, "/pipeline/1/with/a/0/b~1c", "nothing is called 'x'"),
    ],
)
def test_a_wrong_step_is_refused_at_its_place(step: Any, pointer: str, says: str) -> None:
    fault = fault_in(step, before=({"id": "first", "uses": "noop", "save_as": "saved"},))

    assert fault[0] == pointer
    assert says in fault[1]


def test_every_fault_is_reported_at_once() -> None:
    steps = [{"uses": "nope"}, {"uses": "noop", "with": {"a": "${b.c}", "d": "{{ e }}"}, "retries": 1}]

    pointers = {pointer for pointer, _ in faults_of({"pipeline": steps, "parms": {}})}

    assert pointers == {
        "/parms",
        "/pipeline/0/uses",
        "/pipeline/1/retries",
        "/pipeline/1/with/d",
    }


def test_a_step_may_read_earlier_ones_by_id_and_by_save_as() -> None:
    steps = [
        {"id": "wx-1", "uses": "noop", "save_as": "weather"},
        {"uses": "noop", "with": {"a": "${steps.wx-1.x}", "b": "${steps.weather}", "c": "${steps}"}},
        {"uses": "noop", "with": {"a": "${steps.step_2.x}"}},
    ]

    assert len(parse({"pipeline": steps}).steps) == 3


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("wether", "`steps.wether.x`: no step is called 'wether', did you mean 'weather'?; known here are wx, weather"),
        ("later", "`steps.later.x`: step 'later' has not run yet here; move it further up"),
        ("itself", "`steps.itself.x`: step 'itself' has not run yet here; move it further up"),
    ],
)
def test_a_step_that_cannot_have_run_is_found_before_any_run(name: str, says: str) -> None:
    steps = [
        {"id": "wx", "uses": "noop", "save_as": "weather"},
        {"id": "itself", "uses": "noop", "with": {"a": f"${{steps.{name}.x || 'd'}}"}},
        {"id": "later", "uses": "noop"},
    ]

    assert faults_of({"pipeline": steps}) == [("/pipeline/1/with/a", says)]


def test_the_first_step_is_told_that_none_runs_before_it() -> None:
    assert "no step runs before this one" in fault_in({"uses": "noop", "with": {"a": "${steps.x.y}"}})[1]


def test_without_a_catalogue_tools_are_not_checked() -> None:
    assert parse({"pipeline": [{"uses": "weather-mcp.forecast"}]}).steps[0].uses == "weather-mcp.forecast"


def test_the_error_reads_as_a_list_of_its_faults() -> None:
    error = InvalidPipeline((Fault("/a", "is wrong"), Fault("", "is empty")))

    assert str(error) == "/a: is wrong; /: is empty"


def test_of_very_many_faults_the_first_are_told() -> None:
    step = {"uses": "noop", "with": {f"x{n}": f"${{steps.nope{n}}}" for n in range(3000)}}

    assert len(faults_of({"pipeline": [step]})) == 200
    wrong = {"uses": "noop", "with": {f"x{n}": "${a b}" for n in range(3000)}}
    assert len(faults_of({"pipeline": [wrong]})) == 200
