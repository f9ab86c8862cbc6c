"""A step that is tried again by its own rule: how often, after how long, and what is durable meanwhile."""

import random
from typing import Any

import pytest

from pipelines import (
    ErrorClass,
    Failed,
    InDoubt,
    Interrupted,
    Parked,
    Postponed,
    StepError,
    StepRecord,
    Succeeded,
    Tool,
    ToolFailure,
)
from pipelines.errors import Park
from tests.unit.pipelines.fakes import BUILTIN, FakeClock, MemoryJournal, Ran, run

CALLS: list[str] = []
BUSY = StepError(ErrorClass.RETRYABLE, "busy", "later")


def broken(error_class: ErrorClass = ErrorClass.RETRYABLE, *, retry_after: float | None = None) -> ToolFailure:
    return ToolFailure(StepError(error_class, "busy", "later", retry_after))


def tried(  # noqa: PLR0913 - each has a default
    *raised: Exception,
    earlier: StepRecord | None = None,
    journal: MemoryJournal | None = None,
    clock: FakeClock | None = None,
    deadline: float | None = None,
    at_most_once: bool = False,
    of_tool: int = 0,
    **fields: Any,
) -> Ran:
    """A step whose tool raises these, one at each call, and then succeeds."""
    CALLS.clear()

    def call(_given: Any, tool_call: Any) -> Any:
        CALLS.append(tool_call.idempotency_key)
        if len(CALLS) <= len(raised):
            raise raised[len(CALLS) - 1]
        return {"n": len(CALLS)}

    tools = BUILTIN.with_tools(Tool("test.tool", call, safe_to_retry=not at_most_once, max_retries=of_tool))
    journal = journal or MemoryJournal(earlier={"a": earlier} if earlier else {})
    steps = ({"id": "a", "uses": "test.tool", **fields}, {"id": "b", "uses": "noop"})
    return run(*steps, tools=tools, journal=journal, clock=clock, deadline=deadline)


def recorded(state: Any, *, failures: int) -> StepRecord:
    return StepRecord("a", state, "test.tool", {}, None, None, 5, "key", failures)


def states(ran: Ran) -> list[tuple[str, int]]:
    return [(each.state, each.failures) for each in ran.journal.records if each.step == "a"]


@pytest.mark.parametrize("name", ["max_retries", "retry_count"])
def test_it_is_tried_again_until_it_succeeds(name: str) -> None:
    ran = tried(broken(), broken(), retry_delay=[1, 2, 4], **{name: 3})

    assert ran.outcome == Succeeded()
    assert ran.journal.waited == [1, 2]
    assert states(ran) == [("retrying", 1), ("retrying", 2), ("succeeded", 2)]
    assert len(set(CALLS)) == 1, "the key is equal over all tries"


def test_each_failed_try_is_durable_before_the_wait_that_follows_it() -> None:
    ran = tried(broken(), max_retries=1, retry_delay=1)

    assert ran.journal.verbs == ["before_effect", "checkpoint", "before_effect", "checkpoint", "keep"]
    retrying = ran.journal.records[0]
    assert (retrying.error, retrying.input, len(retrying.idempotency_key)) == (BUSY, {}, 64)


def test_it_fails_when_its_retries_are_used_up() -> None:
    ran = tried(*[broken()] * 3, max_retries=2, retry_delay=0.1)

    assert ran.outcome == Failed("a", BUSY)
    assert states(ran) == [("retrying", 1), ("retrying", 2), ("failed", 3)]


@pytest.mark.parametrize("error_class", [ErrorClass.PERMANENT, ErrorClass.CANCELED])
def test_what_will_not_change_is_not_tried_again(error_class: ErrorClass) -> None:
    ran = tried(broken(error_class), max_retries=3)

    assert isinstance(ran.outcome, Failed)
    assert states(ran) == [("failed", 1)]


def test_without_a_rule_of_its_own_it_fails_at_once() -> None:
    assert states(tried(broken())) == [("failed", 0)]


def test_a_tool_may_have_a_rule_for_the_steps_that_have_none() -> None:
    assert states(tried(broken(), of_tool=1))[-1] == ("succeeded", 1)
    assert states(tried(*[broken()] * 2, of_tool=1))[-1] == ("failed", 2)
    assert states(tried(broken(), of_tool=1, max_retries=0)) == [("failed", 0)]
    assert states(tried(*[broken()] * 2, of_tool=1, on_error="retry"))[-1] == ("succeeded", 2)


def test_on_error_retry_is_three_retries_unless_it_says_how_many() -> None:
    assert tried(*[broken()] * 9, on_error="retry", retry_delay=1).journal.waited == [1, 1, 1]
    assert tried(*[broken()] * 9, on_error="retry", retry_delay=1, max_retries=1).journal.waited == [1]


def test_beyond_five_seconds_the_run_gives_its_worker_back() -> None:
    ran = tried(broken(), max_retries=2, retry_delay=[5.1])

    assert ran.outcome == Parked("a", 5.1, "retry")
    assert ran.journal.waited == []
    assert states(ran) == [("retrying", 1)]
    assert ran.journal.verbs == ["before_effect", "keep"], "the move that parks the run makes it durable"


def test_up_to_five_seconds_it_waits_in_place() -> None:
    assert tried(broken(), max_retries=1, retry_delay=5).journal.waited == [5]


def test_a_later_attempt_goes_on_counting() -> None:
    ran = tried(*[broken()] * 9, earlier=recorded("retrying", failures=1), max_retries=2, retry_delay=[1, 2])

    assert len(CALLS) == 2
    assert ran.journal.waited == [2]
    assert states(ran) == [("retrying", 2), ("failed", 3)]


def test_when_the_run_is_tried_again_a_step_that_used_up_its_retries_has_one_try() -> None:
    ran = tried(*[broken()] * 9, earlier=recorded("failed", failures=3), max_retries=2)

    assert states(ran) == [("failed", 4)]


def test_the_last_delay_is_for_all_further_retries() -> None:
    assert tried(*[broken()] * 9, max_retries=4, retry_delay=[1, 2]).journal.waited == [1, 2, 2, 2]


def test_without_delays_they_double_from_a_second_and_are_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda least, most: (least, most) == (0.5, 1.0) and 0.5)

    ran = tried(*[broken()] * 9, max_retries=10)

    assert ran.journal.waited == [0.5, 1, 2, 4]
    assert ran.outcome == Parked("a", 8.0, "retry")


@pytest.mark.parametrize(
    ("retry_after", "own", "waits"), [(30.0, 1, 30.0), (900.0, 1, 300.0), (900.0, 400, 400), (2.0, 7, 7)]
)
def test_a_servers_retry_after_is_honoured_up_to_five_minutes(retry_after: float, own: float, waits: float) -> None:
    ran = tried(broken(retry_after=retry_after), max_retries=1, retry_delay=own)

    assert ran.outcome == Parked("a", waits, "retry")


def test_beyond_the_budget_of_its_destination_a_retry_comes_late() -> None:
    ran = tried(broken(), max_retries=1, retry_delay=0.1, journal=MemoryJournal(within_budget=False))

    assert isinstance(ran.outcome, Parked)
    assert 150 <= ran.outcome.seconds <= 300


def test_the_budget_is_not_asked_about_a_retry_that_there_will_not_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemoryJournal, "may_retry", lambda _self: pytest.fail("asked"))

    tried(broken())
    tried(broken(ErrorClass.PERMANENT), max_retries=1)


def test_one_that_is_told_to_stop_while_it_waits_does_not_try_again() -> None:
    class Stopping(MemoryJournal):
        def wait(self, seconds: float) -> bool:
            self.waited.append(seconds)
            return True

    journal = Stopping()
    with pytest.raises(Interrupted):
        tried(broken(), max_retries=1, retry_delay=1, journal=journal)

    assert len(CALLS) == 1
    assert [(each.state, each.failures) for each in journal.records] == [("retrying", 1)]


def test_after_the_runs_deadline_nothing_is_tried_again() -> None:
    clock = FakeClock()

    class Slow(MemoryJournal):
        def wait(self, seconds: float) -> bool:
            clock.seconds += 20
            return False

    ran = tried(*[broken()] * 3, max_retries=3, retry_delay=1, journal=Slow(), clock=clock, deadline=110.0)

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.code == "timeout"
    assert states(ran) == [("retrying", 1), ("failed", 2)]
    assert len(CALLS) == 1


def test_a_call_that_may_have_taken_effect_is_in_doubt_and_not_tried_again() -> None:
    ran = tried(TimeoutError("late"), max_retries=3, on_error="continue", at_most_once=True)

    assert isinstance(ran.outcome, InDoubt)
    assert states(ran) == [("begun", 0), ("unknown", 0)]


def test_a_call_that_says_that_nothing_happened_is_made_again_and_each_is_announced() -> None:
    ran = tried(broken(), max_retries=1, retry_delay=1, at_most_once=True)

    assert ran.outcome == Succeeded()
    assert states(ran) == [("begun", 0), ("retrying", 1), ("begun", 1), ("succeeded", 1)]


def test_waiting_for_a_destination_uses_up_no_retry() -> None:
    journal = MemoryJournal(earlier={"a": recorded("retrying", failures=1)}, guard=Postponed(20, reason="breaker"))

    ran = tried(max_retries=1, journal=journal)

    assert ran.outcome == Parked("a", 20, "breaker")
    assert states(ran) == []


def test_a_step_that_parks_keeps_the_number_of_its_tries() -> None:
    ran = tried(broken(), Park(60, waiting_for="approval"), max_retries=1, retry_delay=1)

    assert states(ran) == [("retrying", 1), ("pending", 1)]
