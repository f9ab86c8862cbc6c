"""A step's own idempotency key."""

from typing import Any

import pytest

from pipelines import ErrorClass, Failed, StepRecord, Succeeded, Tool
from tests.unit.pipelines.fakes import BUILTIN, MemoryJournal, Ran, run


def tried(key: Any, *, pure: bool = False, params: dict[str, Any] | None = None, run_id: str = "run-1") -> Ran:
    def call(_given: Any, tool_call: Any) -> Any:
        return {"key": tool_call.idempotency_key}

    tools = BUILTIN.with_tools(Tool("test.tool", call, pure=pure, safe_to_retry=True))
    step = {"id": "a", "uses": "test.tool", "idempotency_key": key}
    return run(step, tools=tools, params=params, context={"run": {"id": run_id}})


def test_the_tool_is_sent_it_and_the_record_holds_it() -> None:
    ran = tried("invoice:${params.number}", params={"number": "A-17"})

    assert ran.outcome == Succeeded()
    assert ran.record("a").output == {"key": "invoice:A-17"}
    assert ran.record("a").idempotency_key == "invoice:A-17"


def test_it_is_the_same_in_every_run_that_comes_to_it() -> None:
    keys = {tried("${params.n}", params={"n": "17"}, run_id=run_id).record("a").output["key"] for run_id in ("1", "2")}

    assert keys == {"17"}


def test_a_whole_number_is_as_good_as_its_text() -> None:
    assert tried("${params.n}", params={"n": 17}).record("a").output == {"key": "17"}


@pytest.mark.parametrize("value", ["", " a", "a ", "a\nb", "Chișinău", "x" * 256, None, True, 1.5, ["a"]])
def test_what_is_no_key_fails_the_step_before_the_call(value: Any) -> None:
    ran = tried("${params.n}", params={"n": value})

    assert isinstance(ran.outcome, Failed)
    assert (ran.outcome.error.error_class, ran.outcome.error.code) == (
        ErrorClass.PERMANENT, "invalid_idempotency_key",
    )  # fmt: skip
    assert ran.journal.verbs == ["keep"]


def test_a_pure_tool_is_sent_none() -> None:
    ran = tried("${params.nope}", pure=True)

    assert ran.outcome == Succeeded()
    assert ran.record("a").idempotency_key == ""


def test_it_is_made_of_the_same_values_in_every_attempt() -> None:
    earlier = StepRecord("x", "succeeded", "noop", {}, {"number": "A-17"}, None, 5, "")
    tools = BUILTIN.with_tools(Tool("test.tool", lambda _given, call: call.idempotency_key, safe_to_retry=True))
    steps = (
        {"id": "x", "uses": "noop"},
        {"id": "a", "uses": "test.tool", "idempotency_key": "${steps.x.number}:${now_date}"},
    )

    ran = run(*steps, tools=tools, journal=MemoryJournal(earlier={"x": earlier}))

    assert ran.record("a").output == "A-17:2026-10-24"
