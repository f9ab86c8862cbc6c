"""A run that goes on over a step that failed: what is recorded, what later steps see, and what is never swallowed."""

from typing import Any

import pytest

from pipelines import (
    Catalogue,
    ErrorClass,
    Failed,
    Interrupted,
    Park,
    Parked,
    StepError,
    StepRecord,
    Succeeded,
    Tool,
    ToolFailure,
)
from tests.unit.pipelines.fakes import BUILTIN, FakeClock, MemoryJournal, Ran, run

NO = StepError(ErrorClass.PERMANENT, "refused", "No.")
ERROR = {"error_class": "permanent", "code": "refused", "message": "No."}
FALLBACK = {"strategy": "fallback", "fallback_value": {"t": "${params.t}"}}


def failing(error: Exception | None = None, *, pure: bool = False) -> Catalogue:
    def call(_given: Any, _call: Any) -> None:
        raise error or ToolFailure(NO)

    return BUILTIN.with_tools(Tool("test.tool", call, pure=pure, safe_to_retry=True))


def ran_over(
    on_error: Any,
    *,
    tools: Catalogue | None = None,
    journal: MemoryJournal | None = None,
    reading: str = "${steps.a}",
    **surroundings: Any,
) -> Ran:
    return run(
        {"id": "a", "uses": "test.tool", "save_as": "saved", "on_error": on_error},
        {"id": "b", "uses": "debug.echo", "with": {"a": reading}},
        params={"t": 20},
        tools=tools or failing(),
        journal=journal,
        **surroundings,
    )


def test_the_run_goes_on_and_the_step_is_recorded_as_failed() -> None:
    ran = ran_over("continue")

    assert ran.outcome == Succeeded()
    failed = ran.record("a")
    assert (failed.state, failed.mark, failed.error, failed.output, failed.failures) == (
        "failed", "continued", NO, None, 0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("reading", "seen"),
    [
        ("${steps.a}", {"error": ERROR}),
        ("${steps.saved.error.code}", "refused"),
        ("${steps.a.summary || 'none'}", "none"),
        ("${steps.a.error.message}", "No."),
    ],
)
def test_later_steps_see_its_error_and_nothing_else(reading: str, seen: Any) -> None:
    assert ran_over("continue", reading=reading).record("b").output == {"a": seen}


@pytest.mark.parametrize(
    "reading",
    ["${steps.a.summary}", "${steps.saved.summary.days[0]}", "${steps.a.critical > 0 ? 'strict' : null}"],
)
def test_what_it_would_have_come_to_is_null(reading: str) -> None:
    assert ran_over("continue", reading=reading).record("b").output == {"a": None}


def test_a_misspelt_part_of_its_error_is_undefined() -> None:
    outcome = ran_over("continue", reading="${steps.a.error.cod}").outcome

    assert isinstance(outcome, Failed)
    assert outcome.error.message.startswith("`steps.a.error.cod` is undefined: `steps.a.error` has only")


def test_what_a_skipped_step_would_have_come_to_is_null_and_so_is_the_step() -> None:
    ran = run(
        {"id": "a", "uses": "noop", "if": False},
        {"id": "b", "uses": "debug.echo", "with": {"x": "${steps.a.text}", "y": "${steps.a.text || 'none'}"}},
        {"id": "c", "uses": "noop", "if": "steps.a != null"},
        {"id": "d", "uses": "noop", "if": "steps.a == null"},
    )

    assert ran.record("b").output == {"x": None, "y": "none"}
    assert [ran.record(step).state for step in "cd"] == ["skipped", "succeeded"]


@pytest.mark.parametrize(("on_error", "ran_too"), [("continue", "succeeded"), ("fail", None)])
def test_a_condition_can_ask_for_the_error(on_error: str, ran_too: str | None) -> None:
    ran = run(
        {"id": "a", "uses": "test.tool", "on_error": on_error},
        {"id": "b", "uses": "noop", "if": "steps.a.error.code == 'refused'"},
        {"id": "c", "uses": "noop", "if": "not steps.a.error"},
        tools=failing(),
    )

    states = {record.step: record.state for record in ran.journal.records}
    assert (states.get("b"), states.get("c")) == (ran_too, "skipped" if ran_too else None)


@pytest.mark.parametrize(("value", "seen"), [({"t": "${params.t}"}, {"t": 20}), (None, None), ("${params}", {"t": 20})])
def test_a_fallback_takes_the_outputs_place_and_the_error_stays_on_record(value: Any, seen: Any) -> None:
    ran = ran_over({"strategy": "fallback", "fallback_value": value})

    assert ran.outcome == Succeeded()
    failed = ran.record("a")
    assert (failed.state, failed.mark, failed.error, failed.output) == ("failed", "fallback", NO, seen)
    assert ran.record("b").output == {"a": seen}


def test_a_fallback_that_fails_fails_the_step_in_the_class_of_its_error() -> None:
    busy = StepError(ErrorClass.RETRYABLE, "busy", "Later.", retry_after=9)

    outcome = ran_over(
        {"strategy": "fallback", "fallback_value": "${params.nope}"}, tools=failing(ToolFailure(busy))
    ).outcome

    assert isinstance(outcome, Failed)
    assert (outcome.error.error_class, outcome.error.code, outcome.error.retry_after) == ("retryable", "busy", 9)
    assert outcome.error.message.startswith("Later. Its fallback_value failed, too: `params.nope` is undefined")


def test_an_input_that_cannot_be_made_is_gone_over_too() -> None:
    ran = run(
        {"id": "a", "uses": "noop", "with": {"x": "${params.nope}"}, "on_error": "continue"},
        {"id": "b", "uses": "debug.echo", "with": {"code": "${steps.a.error.code}"}},
    )

    assert ran.record("b").output == {"code": "undefined_reference"}


@pytest.mark.parametrize(("pure", "verb"), [(False, "checkpoint"), (True, "keep")])
def test_the_failure_of_an_effect_is_durable_before_the_next_step(pure: bool, verb: str) -> None:
    ran = ran_over("continue", tools=failing(pure=pure))

    assert [said for said, record in ran.journal.calls if getattr(record, "step", "") == "a"] == [verb]


def test_a_failure_with_which_the_run_ends_is_made_durable_by_its_end() -> None:
    ran = run({"id": "a", "uses": "test.tool", "on_error": "continue"}, tools=failing())

    assert ran.outcome == Succeeded()
    assert ran.journal.verbs == ["before_effect", "keep"]


def test_it_goes_on_only_when_its_retries_are_used_up() -> None:
    busy = ToolFailure(StepError(ErrorClass.RETRYABLE, "busy", "Later."))

    ran = run(
        {"id": "a", "uses": "test.tool", "on_error": "continue", "max_retries": 2, "retry_delay": 1},
        tools=failing(busy),
    )

    assert ran.outcome == Succeeded()
    assert [(each.state, each.failures, each.mark) for each in ran.journal.records] == [
        ("retrying", 1, ""),
        ("retrying", 2, ""),
        ("failed", 3, "continued"),
    ]


@pytest.mark.parametrize(
    ("mark", "output", "seen"), [("continued", None, {"error": ERROR}), ("fallback", {"t": 7}, {"t": 7})]
)
def test_a_later_attempt_takes_the_failure_as_it_is(mark: Any, output: Any, seen: Any) -> None:
    earlier = StepRecord("a", "failed", "test.tool", {}, output, NO, 5, "key", 1, mark)

    ran = ran_over(FALLBACK, journal=MemoryJournal(earlier={"a": earlier}), tools=failing(AssertionError("called")))

    assert ran.outcome == Succeeded()
    assert [record.step for record in ran.journal.records] == ["b"]
    assert ran.record("b").output == {"a": seen}


def test_a_run_goes_on_over_what_a_person_has_refused() -> None:
    earlier = StepRecord("a", "refused", "test.tool", {}, None, NO, 5, "key")

    ran = ran_over("continue", journal=MemoryJournal(earlier={"a": earlier}))

    assert ran.record("a") == earlier._replace(state="failed", mark="continued")
    assert ran.record("b").output == {"a": {"error": ERROR}}


def test_what_a_tool_said_is_seen_as_it_can_be_stored() -> None:
    error = StepError(ErrorClass.PERMANENT, "b\0d", "x" * 5000)

    seen = ran_over("continue", tools=failing(ToolFailure(error))).record("b").output["a"]["error"]

    assert (seen["code"], len(seen["message"])) == ("b\ufffdd", 4000)


@pytest.mark.parametrize("on_error", ["continue", FALLBACK])
def test_an_interruption_is_not_swallowed(on_error: Any) -> None:
    journal = MemoryJournal()

    with pytest.raises(Interrupted):
        ran_over(on_error, tools=failing(Interrupted()), journal=journal)

    assert journal.records == []


def test_a_failure_of_a_run_that_was_told_to_stop_is_not_swallowed() -> None:
    journal = MemoryJournal()

    def stop(_given: Any, _call: Any) -> None:
        journal.stop = True
        raise ToolFailure(NO)

    with pytest.raises(Interrupted):
        ran_over("continue", tools=BUILTIN.with_tools(Tool("test.tool", stop, safe_to_retry=True)), journal=journal)

    assert journal.records == []


def test_the_runs_timeout_is_not_swallowed() -> None:
    clock = FakeClock()

    def slow(_given: Any, _call: Any) -> None:
        clock.seconds += 60
        raise ToolFailure(NO)

    tools = BUILTIN.with_tools(Tool("test.tool", slow, safe_to_retry=True))
    ran = ran_over("continue", tools=tools, clock=clock, deadline=150.0)

    assert ran.outcome == Failed("a", NO)
    assert ran.record("a").mark == ""


def test_a_cancellation_is_not_swallowed() -> None:
    error = StepError(ErrorClass.CANCELED, "canceled", "It was canceled.")

    assert ran_over("continue", tools=failing(ToolFailure(error))).outcome == Failed("a", error)


def test_a_wait_is_no_failure() -> None:
    assert ran_over("continue", tools=failing(Park(60))).outcome == Parked("a", 60)
