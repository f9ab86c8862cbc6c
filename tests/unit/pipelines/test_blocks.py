"""Branches beside each other, choices between lists of steps, and what is refused of all steps that hold others."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from pipelines import (
    Catalogue,
    ErrorClass,
    Failed,
    Park,
    Parked,
    StepError,
    Succeeded,
    Tool,
    ToolFailure,
    parse_condition,
)
from pipelines.errors import InvalidPipeline, StepFailed
from tests.unit.pipelines.fakes import BUILTIN, Ran, run
from tests.unit.pipelines.test_parsing import fault_in, faults_of

NO = StepError(ErrorClass.PERMANENT, "refused", "No.")


def with_tool(call: Any, **promises: Any) -> Catalogue:
    return BUILTIN.with_tools(Tool("test.tool", call, **({"safe_to_retry": True} | promises)))


def echo(value: Any, **fields: Any) -> dict[str, Any]:
    return {"id": "echo", "uses": "debug.echo", "with": {"value": value}, **fields}


def parallel(branches: Any, **fields: Any) -> dict[str, Any]:
    return {"id": "par", "uses": "pipeline.parallel", "with": {"branches": branches, **fields}}


def chosen(uses: str, **given: Any) -> dict[str, Any]:
    return {"id": "choice", "uses": f"orchestrator.conditional_{uses}", "with": given}


CALL = {"id": "call", "uses": "test.tool", "with": {"n": "${params.n}"}}


def steps_of(ran: Ran) -> list[str]:
    return [record.step for record in ran.journal.records]


@pytest.mark.parametrize(
    ("branches", "output", "records"),
    [
        (
            [[echo(1)], [CALL, echo("${steps.call}")]],
            [{"value": 1}, {"value": "par[1].call"}],
            {"par[0].echo", "par[1].call", "par[1].echo", "par"},
        ),
        (
            {"a": [echo(1)], "b": [CALL]},
            {"a": {"value": 1}, "b": "par[b].call"},
            {"par[a].echo", "par[b].call", "par"},
        ),
    ],
)
def test_branches_come_to_what_their_last_steps_do(branches: Any, output: Any, records: set[str]) -> None:
    ran = run(parallel(branches), params={"n": 1}, tools=with_tool(lambda given, call: call.step))

    assert ran.outcome == Succeeded()
    assert ran.record("par").output == output
    assert set(steps_of(ran)) == records


def test_branches_are_under_way_beside_each_other() -> None:
    together = threading.Barrier(4, timeout=10)

    ran = run(parallel([[CALL]] * 4), params={"n": 1}, tools=with_tool(lambda given, call: together.wait() and None))

    assert ran.outcome == Succeeded()


def test_a_branch_that_fails_fails_the_step_unless_it_goes_on() -> None:
    def fail(given: Any, call: Any) -> Any:
        raise ToolFailure(NO)

    branches = {"a": [CALL], "b": [echo(2)]}
    failed = run(parallel(branches, concurrency=1), params={"n": 1}, tools=with_tool(fail))
    went_on = run(parallel(branches, on_branch_error="continue"), params={"n": 1}, tools=with_tool(fail))

    assert isinstance(failed.outcome, Failed)
    assert (failed.outcome.step, failed.outcome.error.message) == ("par", "par[a].call: No.")
    assert went_on.record("par").output == {
        "a": {"error": {"error_class": "permanent", "code": "refused", "message": "No."}},
        "b": {"value": 2},
    }


def test_a_failure_deep_inside_says_where_it_was_once() -> None:
    def fail(given: Any, call: Any) -> Any:
        raise ToolFailure(NO)

    inner = {"id": "each", "uses": "pipeline.foreach", "with": {"items": [1], "body": [CALL]}}

    ran = run(parallel([[inner]]), params={"n": 1}, tools=with_tool(fail))

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.message == "par[0].each[0].call: No."


@pytest.mark.parametrize(
    ("step", "n", "output", "records"),
    [
        (
            chosen("execution", condition="params.n > 1", then=[echo(1)]),
            2,
            {"value": 1},
            ["choice[then].echo", "choice"],
        ),
        (chosen("execution", condition="${params.n > 1}", then=[echo(1)]), 1, None, ["choice"]),
        (
            chosen("execution", condition="params.n > 1", then=[echo(1)], **{"else": [echo(2), echo(3, id="last")]}),
            1,
            {"value": 3},
            ["choice[else].echo", "choice[else].last", "choice"],
        ),
        (
            chosen(
                "logic", cases=[{"if": "params.n > 5", "then": [echo(5)]}, {"if": "params.n > 3", "then": [echo(3)]}]
            ),
            4,
            {"value": 3},
            ["choice[1].echo", "choice"],
        ),
        (
            chosen("logic", conditions=[{"condition": "params.n > 5", "steps": [echo(5)]}], default=[echo(0)]),
            4,
            {"value": 0},
            ["choice[else].echo", "choice"],
        ),
        (
            chosen("logic", cases=[{"if": False, "then": [echo(5)]}, {"if": True, "then": [echo(1)]}]),
            4,
            {"value": 1},
            None,
        ),
        (chosen("logic", cases=[{"if": "params.nope", "then": [echo(5)]}]), 4, None, ["choice"]),
    ],
)
def test_the_first_that_holds_is_taken(step: Any, n: int, output: Any, records: list[str] | None) -> None:
    ran = run(step, params={"n": n})

    assert ran.outcome == Succeeded()
    assert ran.record("choice").output == output
    assert records is None or steps_of(ran) == records


def test_a_choice_that_fails_says_where() -> None:
    ran = run(chosen("execution", condition=True, then=[echo("${params.nope}")]))

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.message.startswith("choice[then].echo: `params.nope` is undefined")


def test_a_choice_waits_as_a_step_does() -> None:
    def park(given: Any, call: Any) -> Any:
        raise Park(60)

    ran = run(chosen("execution", condition=True, then=[CALL]), params={"n": 1}, tools=with_tool(park))

    assert ran.outcome == Parked("choice[then].call", 60)
    assert ran.record("choice[then].call").wait is None, "nothing goes on before it is over"


def test_a_step_inside_a_choice_can_be_read_only_there() -> None:
    pointer, message = fault_in(
        {"uses": "debug.echo", "with": {"x": "${steps.echo}"}},
        before=(chosen("execution", condition=True, then=[echo(1)]),),
    )

    assert (pointer, "no step is called 'echo'" in message) == ("/pipeline/1/with/x", True)


def nested(depth: int) -> dict[str, Any]:
    inside = echo(1) if depth == 0 else nested(depth - 1)
    return {"id": f"level{depth}", "uses": "pipeline.foreach", "with": {"items": [1], "body": [inside]}}


def foreach(**fields: Any) -> dict[str, Any]:
    return {"uses": "pipeline.foreach", "with": {"items": [1], "body": [echo(1)], **fields}}


@pytest.mark.parametrize(
    ("step", "place", "says"),
    [
        ({"uses": "pipeline.foreach"}, "/with", "is not an object; pipeline.foreach takes items, items_path, body"),
        (foreach(items="steps.x"), "/with/items", "is not a list, nor a template that comes to one"),
        (foreach(items={"a": 1}), "/with/items", "is not a list, nor a template"),
        (foreach(items_path="x"), "/with/items_path", "is another name of items; give one of them"),
        ({"uses": "pipeline.foreach", "with": {"body": [echo(1)]}}, "/with/items", "is not a list"),
        (
            {"uses": "pipeline.foreach", "with": {"items_path": 3, "body": [echo(1)]}},
            "/with/items_path",
            "is not a path",
        ),
        (
            {"uses": "pipeline.foreach", "with": {"items_path": "$.steps.nope", "body": [echo(1)]}},
            "/with/items_path",
            "`steps.nope`: no step is called 'nope'",
        ),
        (foreach(body=[]), "/with/body", "has no step; write at least one"),
        (foreach(body={"uses": "noop"}), "/with/body", "is not a list of steps"),
        (foreach(body=[{"uses": "debug.ecko"}]), "/with/body/0/uses", "did you mean 'debug.echo'?"),
        (foreach(body=[echo("${steps.later}"), echo(1, id="later")]), "/with/body/0/with/value", "move it further up"),
        (
            foreach(body=[echo(1, id="first")]),
            "/with/body/0/id",
            "'first' is already taken by the id of step 1 of a list around this one",
        ),
        (foreach(body=[echo("${itme.x}")]), "/with/body/0/with/value", "did you mean 'item'?"),
        (
            foreach(body=[echo(1, depends_on=["first"])]),
            "/with/body/0/depends_on/0",
            "no step beside this one is called",
        ),
        (foreach(concurrency=0), "/with/concurrency", "is not a whole number from 1 to 50"),
        (foreach(concurrency=51), "/with/concurrency", "is not a whole number from 1 to 50"),
        (foreach(max_concurrency=True), "/with/max_concurrency", "is not a whole number from 1 to 50"),
        (foreach(max_items=10_001), "/with/max_items", "is not a whole number from 1 to 10000"),
        (foreach(on_item_error="retry"), "/with/on_item_error", "is not one of fail and continue"),
        (foreach(itmes=[1]), "/with/itmes", "is not known here, did you mean 'items'?"),
        (foreach() | {"max_retries": 2}, "/max_retries", "is for a single call: give it to the steps inside"),
        (foreach() | {"timeout_seconds": 2}, "/timeout_seconds", "is for a single call"),
        (foreach() | {"idempotency_key": "k"}, "/idempotency_key", "is for a single call"),
        (foreach() | {"on_error": "retry"}, "/on_error", "is for a single call"),
        (parallel(3), "/with/branches", "is not 1 to 50 lists of steps"),
        (parallel([]), "/with/branches", "is not 1 to 50 lists of steps"),
        (parallel([[echo(1)]] * 51), "/with/branches", "is not 1 to 50 lists of steps"),
        (parallel([echo(1)]), "/with/branches/0", "is not a list of steps"),
        (parallel({"a b": [echo(1)]}), "/with/branches/a b", "is not called as a branch can be"),
        (parallel([[echo("${item}")]]), "/with/branches/0/0/with/value", "only in the body of a pipeline.foreach"),
        (chosen("execution", then=[echo(1)]), "/with/condition", "is not an expression"),
        (chosen("execution", condition="1 >", then=[echo(1)]), "/with/condition", "ends too early"),
        (chosen("execution", condition=True), "/with/then", "is not a list of steps"),
        (chosen("execution", condition=True, then=[echo(1)], **{"else": 3}), "/with/else", "is not a list of steps"),
        (chosen("logic", cases=[]), "/with/cases", "is not a list of 1 to 50 cases"),
        (chosen("logic", cases=[3]), "/with/cases/0", "is not a case"),
        (chosen("logic", cases=[{"if": True, "do": [], "then": [echo(1)]}]), "/with/cases/0/do", "is not known here"),
        (chosen("logic", cases=[{"then": [echo(1)]}]), "/with/cases/0/if", "is not an expression"),
        ({"uses": "noop", "if": "item == 1"}, "/if", "item is there only in the body of a pipeline.foreach"),
        (nested(3), "/with/body/0/with/body/0/with/body/0/with/body", "nested 3 deep at most"),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(step: Any, place: str, says: str) -> None:
    pointer, message = fault_in(step, before=({"id": "first", "uses": "noop"},))

    assert pointer == f"/pipeline/1{place}"
    assert says in message


def test_three_levels_are_enough_for_everybody() -> None:
    ran = run(nested(2))

    assert ran.record("level2").output == [[[{"value": 1}]]]


def test_a_step_inside_reads_the_time_for_the_whole_pipeline() -> None:
    ran = run(foreach(body=[echo("${now_date}")]))

    assert ran.record("step_1").output == [{"value": "2026-10-24"}]


def test_two_bodies_may_use_the_same_names() -> None:
    assert run(foreach() | {"id": "a"}, foreach() | {"id": "b"}).outcome == Succeeded()


def test_nobody_calls_such_a_step_as_a_tool() -> None:
    tool = BUILTIN.get("pipeline.foreach")

    with pytest.raises(StepFailed, match="holds other steps"):
        tool.call({}, type("Call", (), {"step": "a"}))


def test_a_probe_is_one_call() -> None:
    with pytest.raises(InvalidPipeline, match="a probe is one call"):
        parse_condition("probe", probe={"uses": "pipeline.foreach", "with": {"items": [1], "body": [echo(1)]}})


@pytest.mark.parametrize("address", ["pipeline.foreach", "pipeline.parallel"])
def test_the_catalogues_example_does_what_it_says(address: str) -> None:
    [example] = BUILTIN.get(address).examples

    assert run({"id": "a", "uses": address, "with": example["input"]}).record("a").output == example["output"]


@pytest.mark.parametrize("uses", ["conditional_execution", "conditional_logic"])
def test_the_catalogues_example_of_a_choice_does_what_it_says(uses: str) -> None:
    [example] = BUILTIN.get(f"orchestrator.{uses}").examples

    ran = run({"id": "a", "uses": f"orchestrator.{uses}", "with": example["input"]})

    assert ran.record("a").output == example["output"]


REVIEW = json.loads((Path(__file__).parents[2] / "data" / "examples" / "pull_request_review.json").read_text())[
    "payload"
]


@pytest.mark.parametrize(
    ("files", "scan", "tone", "commented"),
    [(3, {"critical": 2}, "strict", True), (3, None, "friendly", True), (99, {"critical": 0}, None, False)],
)
def test_a_pull_request_is_reviewed(files: int, scan: Any, tone: str | None, commented: bool) -> None:
    tones: list[str] = []

    def scanned(given: Any, call: Any) -> Any:
        if scan is None:
            raise ToolFailure(NO)
        return scan

    def review(given: Any, call: Any) -> Any:
        tones.append(given["tone"])
        return {"text": "Fine."}

    answers = {
        "github.get_diff": lambda given, call: {"files": files, "patch": "+1"},
        "ci.lint": lambda given, call: {"errors": 0},
        "ci.security_scan": scanned,
        "llm.review": review,
        "github.comment": lambda given, call: given,
    }
    tools = BUILTIN.with_tools(*(Tool(address, call, safe_to_retry=True) for address, call in answers.items()))
    event = {"payload": {"repository": "r", "number": 1, "head_sha": "s"}}

    ran = run(*REVIEW["pipeline"], params=REVIEW["params"], tools=tools, context={"event": event})

    assert ran.outcome == Succeeded()
    assert tones == ([tone] if tone else [])
    assert ran.record("comment").state == ("succeeded" if commented else "skipped")


def test_a_fault_inside_has_the_pointer_of_its_place() -> None:
    inner = parallel({"a": [{"uses": "nope"}], "b": [{"uses": "noop", "with": {"x": "{{ y }}"}}]})
    step = {"id": "each", "uses": "pipeline.foreach", "with": {"items": [1], "body": [inner]}}

    assert [pointer for pointer, _ in faults_of({"pipeline": [step]})] == [
        "/pipeline/0/with/body/0/with/branches/a/0/uses",
        "/pipeline/0/with/body/0/with/branches/b/0/with/x",
    ]
