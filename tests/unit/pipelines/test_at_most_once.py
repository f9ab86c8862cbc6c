"""A call that must not be repeated is announced before it is made, and never made again by itself."""

from typing import Any

import pytest

from pipelines import ErrorClass, Failed, InDoubt, Interrupted, StepError, StepRecord, Succeeded, Tool, ToolFailure
from tests.unit.pipelines.fakes import BUILTIN, MemoryJournal, Ran, run

CALLS: list[str] = []


def tried(call: Any = None, *, earlier: StepRecord | None = None, journal: MemoryJournal | None = None) -> Ran:
    CALLS.clear()

    def made(given: Any, tool_call: Any) -> Any:
        CALLS.append(tool_call.step)
        return call(given, tool_call) if call else {"n": 1}

    journal = journal or MemoryJournal(earlier={earlier.step: earlier} if earlier else {})
    tools = BUILTIN.with_tools(Tool("bank.transfer", made))
    return run({"id": "a", "uses": "bank.transfer"}, {"id": "b", "uses": "noop"}, tools=tools, journal=journal)


def recorded(state: Any, error: StepError | None = None) -> StepRecord:
    return StepRecord("a", state, "bank.transfer", {"to": "x"}, None, error, 5, "key")


def raising(error: Exception) -> Any:
    def call(_given: Any, _call: Any) -> None:
        raise error

    return call


def test_it_is_recorded_before_the_call_that_it_begins() -> None:
    ran = tried()

    assert ran.journal.verbs == ["before_effect", "begin", "checkpoint", "keep"]
    begun, done = ran.journal.records[:2]
    assert (begun.state, begun.input, begun.output, len(begun.idempotency_key)) == ("begun", {}, None, 64)
    assert (done.state, done.idempotency_key) == ("succeeded", begun.idempotency_key)


@pytest.mark.parametrize("promise", ["pure", "safe_to_retry"])
def test_other_tools_announce_nothing(promise: str) -> None:
    tools = BUILTIN.with_tools(Tool("test.tool", lambda _given, _call: None, **{promise: True}))  # type: ignore[arg-type]

    assert "begin" not in run({"id": "a", "uses": "test.tool"}, tools=tools).journal.verbs


@pytest.mark.parametrize("state", ["begun", "unknown"])
def test_one_that_had_begun_is_in_doubt_and_not_made_again(state: str) -> None:
    ran = tried(earlier=recorded(state))

    assert CALLS == []
    assert isinstance(ran.outcome, InDoubt)
    assert (ran.outcome.step, ran.outcome.error.code) == ("a", "outcome_unknown")
    assert ran.record("a") == recorded("unknown", ran.outcome.error)
    assert ran.outcome.error.error_class == ErrorClass.LOST_WORKER


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TimeoutError("late"), "timeout"),
        (ConnectionResetError("gone"), "tool_unreachable"),
        (ToolFailure(StepError(ErrorClass.TIMEOUT, "timeout", "late")), "timeout"),
    ],
)
def test_a_call_that_may_have_taken_effect_is_in_doubt(error: Exception, code: str) -> None:
    ran = tried(raising(error))

    assert isinstance(ran.outcome, InDoubt)
    assert ran.outcome.error.code == code
    assert [(each.step, each.state) for each in ran.journal.records] == [("a", "begun"), ("a", "unknown")]


@pytest.mark.parametrize(
    ("error", "error_class"),
    [
        (ToolFailure(StepError(ErrorClass.RETRYABLE, "busy", "later")), ErrorClass.RETRYABLE),
        (ToolFailure(StepError(ErrorClass.PERMANENT, "no", "never")), ErrorClass.PERMANENT),
        (KeyError("x"), ErrorClass.PERMANENT),
    ],
)
def test_a_tool_that_says_what_happened_has_failed(error: Exception, error_class: ErrorClass) -> None:
    outcome = tried(raising(error)).outcome

    assert isinstance(outcome, Failed)
    assert outcome.error.error_class == error_class


def test_a_refused_step_fails_with_what_was_said_and_without_a_call() -> None:
    said = StepError(ErrorClass.PERMANENT, "declared_failed", "it never arrived")

    ran = tried(earlier=recorded("refused", said))

    assert CALLS == []
    assert ran.outcome == Failed("a", said)
    assert ran.record("a") == recorded("failed", said)


def test_one_that_was_told_to_be_repeated_is_made() -> None:
    assert tried(earlier=recorded("failed")).outcome == Succeeded()
    assert CALLS == ["a"]


def test_a_call_cut_off_in_the_middle_leaves_its_beginning() -> None:
    journal = MemoryJournal()

    with pytest.raises(Interrupted):
        tried(raising(Interrupted()), journal=journal)

    assert [record.state for record in journal.records] == ["begun"]
