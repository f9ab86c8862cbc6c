"""`pipeline.foreach`: what its body sees, what is recorded, what it comes to, and what becomes of items that fail."""

import json
import threading
from hashlib import sha256
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
    StepRecord,
    Succeeded,
    Tool,
    ToolFailure,
)
from tests.unit.pipelines.fakes import BUILTIN, MemoryJournal, Ran, run

NO = StepError(ErrorClass.PERMANENT, "refused", "No.")


def with_tool(call: Any, **promises: Any) -> Catalogue:
    return BUILTIN.with_tools(Tool("test.tool", call, **({"safe_to_retry": True} | promises)))


def each(items: Any, *body: dict[str, Any], **fields: Any) -> dict[str, Any]:
    own = {name: fields.pop(name) for name in list(fields) if name in ("if", "on_error", "save_as")}
    return {"id": "each", "uses": "pipeline.foreach", "with": {"items": items, "body": list(body), **fields}, **own}


def echo(value: Any, **fields: Any) -> dict[str, Any]:
    return {"id": "echo", "uses": "debug.echo", "with": {"value": value}, **fields}


CALL = {"id": "call", "uses": "test.tool", "with": {"item": "${item}"}}


def output_of(*steps: dict[str, Any], **surroundings: Any) -> Any:
    ran = run(*steps, **surroundings)
    assert ran.outcome == Succeeded(), ran.outcome
    return ran.record("each").output


def steps_of(ran: Ran) -> list[tuple[str, str]]:
    return [(record.step, record.state) for record in ran.journal.records]


def test_the_body_runs_once_for_each_item_and_sees_it_its_index_and_the_steps_before() -> None:
    found = {"id": "found", "uses": "debug.echo", "with": {"names": ["a", "b"]}}
    first = {"id": "first", "uses": "debug.echo", "with": {"n": "${item} is number ${index}"}, "save_as": "said"}

    output = output_of(
        found, each("${steps.found.names}", first, echo("${steps.said.n} of ${steps.found.names | length}"))
    )

    assert output == [{"value": "a is number 0 of 2"}, {"value": "b is number 1 of 2"}]


@pytest.mark.parametrize(
    "path", ["$.steps.found.names", "steps.found.names", "${steps.found.names}", "$.steps.found.[names][0]"]
)
def test_the_items_may_be_named_by_a_path(path: str) -> None:
    found = {"id": "found", "uses": "debug.echo", "with": {"names": ["a", "b"]}}
    step = each([], echo("${item}"))
    step["with"] = {"items_path": path, "body": step["with"]["body"]}

    assert output_of(found, step) == [{"value": "a"}, {"value": "b"}]


def test_the_records_say_where_each_step_stands() -> None:
    ran = run(each([7, 8], CALL, echo("${steps.call}")), tools=with_tool(lambda given, call: call.step))

    assert steps_of(ran) == [
        ("each[0].call", "succeeded"),
        ("each[0].echo", "succeeded"),
        ("each[1].call", "succeeded"),
        ("each[1].echo", "succeeded"),
        ("each", "succeeded"),
    ]
    assert ran.record("each[1].call").idempotency_key == sha256(b"run-1\0each[1].call").hexdigest()
    assert ran.record("each").input == {"items": 2}


def test_no_items_come_to_an_empty_list() -> None:
    assert output_of(each([], echo("${item}"))) == []


def test_an_item_whose_last_step_is_skipped_comes_to_null() -> None:
    assert output_of(each([1, 2], echo("${item}", **{"if": "item > 1"}))) == [None, {"value": 2}]


def test_items_are_under_way_beside_each_other_as_many_as_it_says() -> None:
    together = threading.Barrier(3, timeout=10)

    output = output_of(
        each([1, 2, 3], CALL, concurrency=3), tools=with_tool(lambda given, call: (together.wait() and None) or given)
    )

    assert output == [{"item": 1}, {"item": 2}, {"item": 3}]


def test_one_item_after_the_other_unless_it_says_more() -> None:
    under_way: list[int] = []

    def call(given: Any, call: Any) -> int:
        under_way.append(given["item"])
        assert len(under_way) == 1
        return under_way.pop()

    assert output_of(each([3, 2, 1], CALL), tools=with_tool(call)) == [3, 2, 1]


def failing_at(*items: int, error: StepError = NO) -> Catalogue:
    def call(given: Any, call: Any) -> Any:
        if given["item"] in items:
            raise ToolFailure(error)
        return given["item"]

    return with_tool(call)


def test_an_item_that_fails_fails_the_step_which_says_where() -> None:
    ran = run(each([1, 2, 3], CALL), tools=failing_at(2))

    assert isinstance(ran.outcome, Failed)
    assert (ran.outcome.step, ran.outcome.error.message) == ("each", "each[1].call: No.")
    assert ran.outcome.error.code == "refused"
    assert steps_of(ran) == [("each[0].call", "succeeded"), ("each[1].call", "failed"), ("each", "failed")]


def test_it_can_go_on_over_items_that_fail() -> None:
    ran = run(each([1, 2, 3], CALL, on_item_error="continue"), echo("${steps.each | length}"), tools=failing_at(1, 3))

    assert ran.outcome == Succeeded()
    error = {"error": {"error_class": "permanent", "code": "refused", "message": "No."}}
    assert ran.record("each").output == [error, 2, error]
    assert ran.record("each[0]").mark == "continued"
    assert ran.record("echo").output == {"value": 3}


def test_a_failed_item_that_was_gone_over_is_not_begun_again() -> None:
    failed = StepRecord("each[0]", "failed", "pipeline.foreach", None, None, NO, 1, "", mark="continued")
    journal = MemoryJournal(earlier={"each[0]": failed})

    output = output_of(each([1, 2], CALL, on_item_error="continue"), tools=failing_at(), journal=journal)

    assert output == [failed.seen, 2]


def test_it_does_not_go_on_over_the_end_of_the_runs_time() -> None:
    ran = run(each([1, 2], CALL, on_item_error="continue"), tools=failing_at(1), deadline=99.0)

    assert isinstance(ran.outcome, Failed)


def test_the_step_itself_may_be_gone_over_or_have_a_fallback() -> None:
    assert run(each([1], CALL, on_error="continue"), tools=failing_at(1)).record("each").mark == "continued"
    fallback = {"strategy": "fallback", "fallback_value": []}
    assert run(each([1], CALL, on_error=fallback), tools=failing_at(1)).record("each").output == []


def test_finished_items_are_not_done_again_by_a_run_that_goes_on() -> None:
    done = StepRecord("each[0].call", "succeeded", "test.tool", {}, "kept", None, 1, "key")
    called: list[str] = []

    def call(given: Any, call: Any) -> str:
        called.append(call.step)
        return "new"

    output = output_of(
        each(["a", "b"], CALL), tools=with_tool(call), journal=MemoryJournal(earlier={"each[0].call": done})
    )

    assert output == ["kept", "new"]
    assert called == ["each[1].call"]


def parking(seconds: dict[int, float]) -> Catalogue:
    def call(given: Any, call: Any) -> Any:
        if given["item"] in seconds:
            raise Park(seconds[given["item"]], output=given["item"])
        return given["item"]

    return with_tool(call)


def test_an_item_that_parks_keeps_its_place() -> None:
    ran = run(each([1, 2, 3, 4], CALL, concurrency=2), tools=parking({1: 60, 3: 30}))

    assert ran.outcome == Parked("each[2].call", 30)
    assert {step for step, _ in steps_of(ran)} == {"each[0].call", "each[1].call", "each[2].call"}


def test_an_item_that_waited_goes_on_where_it_was() -> None:
    waited = StepRecord("each[0].call", "waiting", "test.tool", {}, "slept", None, 1, "k", wait=0.0)
    journal = MemoryJournal(earlier={"each[0].call": waited})

    assert output_of(each([1, 2], CALL), tools=parking({1: 60}), journal=journal) == ["slept", 2]


def test_a_body_may_have_an_order_and_steps_of_its_own_kind() -> None:
    inner = {
        "id": "inner",
        "uses": "pipeline.foreach",
        "with": {"items": "${item}", "body": [echo("${item} of ${steps.size.n}")]},
        "depends_on": ["size"],
    }
    size = {"id": "size", "uses": "debug.echo", "with": {"n": "${item | length}"}, "depends_on": []}

    ran = run(each([[1, 2], [3]], inner, size))

    assert ran.outcome == Succeeded()
    assert ran.record("each").output == [{"n": 2}, {"n": 1}]
    assert ran.record("each[0].inner[1].echo").output == {"value": "2 of 2"}


@pytest.mark.parametrize(
    ("items", "limit", "code", "says"),
    [
        ("${params.none}", 9, "invalid_input", "`items` came to null, not to a list; write ${... || []}"),
        ("${params.text}", 9, "invalid_input", "came to a str, not to a list"),
        ("${params.many}", 2, "too_many_items", "there are 3 items, and max_items is 2"),
    ],
)
def test_items_that_cannot_be_gone_through_fail_the_step(items: str, limit: int, code: str, says: str) -> None:
    ran = run(
        each(items, CALL, max_items=limit), params={"none": None, "text": "x", "many": [1, 2, 3]}, tools=failing_at()
    )

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.code == code
    assert says in ran.outcome.error.message


def test_results_that_are_too_large_together_fail_the_step() -> None:
    ran = run(each([1, 2, 3], CALL), tools=with_tool(lambda given, call: "x" * 400_000))

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.code == "value_too_large"
    assert "the results of each are larger than" in ran.outcome.error.message


def test_results_that_are_too_deep_in_their_list_fail_the_step() -> None:
    deep: Any = 1
    for _ in range(32):
        deep = [deep]

    ran = run(each([1], CALL), tools=with_tool(lambda given, call: deep))

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.code == "invalid_output"


def test_many_items_are_done_in_no_time() -> None:
    ran = run(each("${params.items}", echo("${item}")), params={"items": list(range(1000))})

    assert ran.outcome == Succeeded()
    assert ran.record("each").output[999] == {"value": 999}


def test_a_skipped_foreach_begins_nothing() -> None:
    ran = run(each([1], CALL, **{"if": False}), tools=failing_at())

    assert steps_of(ran) == [("each", "skipped")]


STALE_THREADS = json.loads((Path(__file__).parents[2] / "data" / "examples" / "stale_threads_foreach.json").read_text())


def test_stale_threads_are_chased() -> None:
    sent: list[tuple[str, Any]] = []

    def send(given: Any, call: Any) -> Any:
        sent.append((call.idempotency_key, given))
        return {"sent": True}

    tools = BUILTIN.with_tools(
        Tool(
            "imap-mcp.find_outbound_without_reply",
            lambda given, call: {"items": [{"thread_id": n, "subject": f"No. {n}"} for n in (1, 2)]},
            safe_to_retry=True,
        ),
        Tool("llm.rewrite", lambda given, call: {"text": given["instruction"].upper()}, safe_to_retry=True),
        Tool("mail.send_draft", send, safe_to_retry=True),
    )

    ran = run(*STALE_THREADS["payload"]["pipeline"], tools=tools)

    assert ran.outcome == Succeeded()
    assert sent == [
        (f"{n}:2026-10-24", {"thread_id": n, "text": f"ONE POLITE SENTENCE ABOUT NO. {n}."}) for n in (1, 2)
    ]
    assert ran.record("each").output == [{"sent": True}] * 2
    assert ran.record("report").input == {"text": "sent 2"}


def test_a_run_goes_through_a_bounded_number_of_items() -> None:
    inner = {
        "id": "inner",
        "uses": "pipeline.foreach",
        "with": {"items": "${params.items}", "body": [{"uses": "noop"}]},
    }

    ran = run(each("${params.items}", inner), params={"items": list(range(300))})

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.code == "too_many_items"
    assert "50000 items at most" in ran.outcome.error.message
