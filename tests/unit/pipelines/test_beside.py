"""Steps that run beside each other: when each begins, what it sees, and how they end together."""

import threading
import time
from collections import defaultdict
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import (
    Catalogue,
    ErrorClass,
    Failed,
    InDoubt,
    Interrupted,
    Park,
    Parked,
    Postponed,
    StepError,
    StepRecord,
    Succeeded,
    Tool,
    ToolFailure,
)
from pipelines.crowd import Team
from pipelines.hands import Hands
from tests.unit.pipelines.fakes import BUILTIN, MemoryJournal, Ran, run

LATER = StepError(ErrorClass.RETRYABLE, "busy", "Later.")


def with_tool(call: Any, **promises: Any) -> Catalogue:
    return BUILTIN.with_tools(Tool("test.tool", call, **({"safe_to_retry": True} | promises)))


def step(name: str, *after: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "uses": "test.tool", "depends_on": list(after), **fields}


def states(ran: Ran) -> dict[str, str]:
    return {record.step: record.state for record in ran.journal.records}


def test_steps_that_wait_for_nothing_are_under_way_at_once() -> None:
    together = threading.Barrier(5, timeout=10)

    ran = run(*(step(name) for name in "abcde"), tools=with_tool(lambda given, call: together.wait() and None))

    assert ran.outcome == Succeeded()
    assert ran.journal.shared == 1


def test_a_step_begins_when_what_it_waits_for_is_done_and_not_with_others() -> None:
    late = threading.Event()
    begun: list[str] = []

    def call(given: Any, call: Any) -> None:
        begun.append(call.step)
        if call.step == "slow":
            assert late.wait(10), "`next` waited for `slow`"
        if call.step == "next":
            late.set()

    ran = run(step("slow"), step("fast"), step("next", "fast"), step("end", "slow", "next"), tools=with_tool(call))

    assert ran.outcome == Succeeded()
    assert begun.index("fast") < begun.index("next")
    assert begun[-1] == "end"


def test_a_step_sees_what_it_waits_for_and_nothing_else() -> None:
    ran = run(
        step("a", uses="debug.echo", **{"with": {"n": 1}}, save_as="saved"),
        step("b", uses="debug.echo", **{"with": {"n": 2}}),
        step("c", "a", uses="debug.echo", **{"with": {"all": "${steps}", "one": "${steps.saved.n}"}}),
        tools=with_tool(lambda given, call: None),
    )

    assert ran.record("c").output == {"all": {"a": {"n": 1}, "saved": {"n": 1}}, "one": 1}


def test_what_makes_nobody_wait_is_done_by_the_runs_own_thread() -> None:
    ran = run(*({"uses": "noop", "depends_on": []} for _ in range(20)))

    assert ran.outcome == Succeeded()
    assert ran.journal.shared == 0


def test_fifty_steps_of_a_run_are_under_way_at_once_and_no_more() -> None:
    most = 0
    changing = threading.Condition()
    under_way = 0

    def call(given: Any, call: Any) -> None:
        nonlocal most, under_way
        with changing:
            under_way += 1
            most = max(most, under_way)
            changing.notify_all()
            changing.wait_for(lambda: most >= 50, timeout=10)
        with changing:
            under_way -= 1

    ran = run(*(step(f"s{n}") for n in range(80)), tools=with_tool(call))

    assert ran.outcome == Succeeded()
    assert most == 50


def test_a_run_to_which_nobody_is_lent_does_its_steps_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.course.Team", partial(Team, hands=Hands(most=0)))
    threads = set()

    ran = run(
        *(step(name) for name in "abc"), step("d", "a", "c"),
        tools=with_tool(lambda given, call: threads.add(threading.get_ident())),
    )  # fmt: skip

    assert ran.outcome == Succeeded()
    assert threads == {threading.get_ident()}


def test_a_failure_begins_nothing_new_and_lets_end_what_is_under_way() -> None:
    under_way, failed = threading.Event(), threading.Event()

    def call(given: Any, call: Any) -> Any:
        if call.step == "bad":
            assert under_way.wait(10)
            failed.set()
            raise ToolFailure(LATER)
        under_way.set()
        assert failed.wait(10)
        time.sleep(0.02)
        return {"done": True}

    ran = run(step("good"), step("bad"), step("next", "good"), tools=with_tool(call))

    assert ran.outcome == Failed("bad", LATER)
    assert states(ran) == {"good": "succeeded", "bad": "failed"}


def test_a_skipped_step_and_one_that_is_gone_over_are_done() -> None:
    def call(given: Any, call: Any) -> Any:
        raise ToolFailure(LATER)

    ran = run(
        step("bad", on_error="continue"),
        step("no", **{"if": False}),
        step(
            "end", "bad", "no", uses="debug.echo", **{"with": {"bad": "${steps.bad.error.code}", "no": "${steps.no}"}}
        ),
        tools=with_tool(call),
    )

    assert ran.outcome == Succeeded()
    assert ran.record("end").output == {"bad": "busy", "no": None}


def test_an_interruption_reaches_all_threads_and_none_is_left_running() -> None:
    journal = MemoryJournal()
    running: set[str] = set()

    def call(given: Any, call: Any) -> None:
        running.add(call.step)
        if len(running) == 3:
            journal.stop = True
        while not journal.stop:
            time.sleep(0.001)
        running.discard(call.step)
        call.check()

    with pytest.raises(Interrupted):
        run(*(step(name) for name in "abc"), step("d", "a"), tools=with_tool(call), journal=journal)

    assert running == set()
    assert journal.records == []


def test_a_fault_of_ours_on_another_thread_is_raised_where_the_run_is_executed() -> None:
    def call(given: Any, call: Any) -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        run(step("a"), step("b"), tools=with_tool(call))


def parking(seconds: dict[str, float], waiting_for: Any = "time") -> Any:
    def call(given: Any, call: Any) -> Any:
        if call.step in seconds:
            raise Park(seconds[call.step], output={"slept": seconds[call.step]}, waiting_for=waiting_for)
        return {}

    return call


def test_a_run_parks_for_the_shortest_of_its_waits_once_nothing_else_can_be_done() -> None:
    ran = run(
        step("long"), step("short"), step("work"), step("more", "work"), step("end", "long"),
        tools=with_tool(parking({"long": 600, "short": 60})),
    )  # fmt: skip

    assert ran.outcome == Parked("short", 60)
    assert {(record.step, record.state, record.wait) for record in ran.journal.records} == {
        ("long", "waiting", 600.0), ("short", "waiting", 60.0), ("work", "succeeded", None), ("more", "succeeded", None),
    }  # fmt: skip
    assert ran.journal.records[-1].step == "short", "of the step that it waits at the run tells last"


def waited(name: str, state: Any, wait: float, output: Any = None) -> StepRecord:
    return StepRecord(name, state, "test.tool", {}, output, None, 1, "key", wait=wait)


def test_a_sleep_that_was_not_the_shortest_goes_on_for_what_is_left_of_it() -> None:
    earlier = {"short": waited("short", "waiting", 0.0, {"n": 1}), "long": waited("long", "waiting", 540.0)}
    called: list[str] = []

    ran = run(
        step("long"), step("short"), step("next", "short"),
        tools=with_tool(lambda given, call: called.append(call.step)), journal=MemoryJournal(earlier=earlier),
    )  # fmt: skip

    assert ran.outcome == Parked("long", 540.0)
    assert called == ["next"]
    assert ran.record("short").state == "succeeded"


def test_little_that_is_left_of_a_sleep_is_waited_in_place() -> None:
    journal = MemoryJournal(earlier={"a": waited("a", "waiting", 4.0, {"n": 1})})

    ran = run(step("a"), step("b"), tools=with_tool(lambda given, call: None), journal=journal)

    assert ran.outcome == Succeeded()
    assert journal.waited == [4.0]
    assert (ran.record("a").state, ran.record("a").output) == ("succeeded", {"n": 1})


def test_a_retry_that_waits_beside_others_is_not_made_early() -> None:
    journal = MemoryJournal(earlier={"a": waited("a", "retrying", 100.0)})

    ran = run(step("a", max_retries=2), step("b"), tools=with_tool(lambda given, call: None), journal=journal)

    assert ran.outcome == Parked("a", 100.0, "retry")
    assert states(ran) == {"b": "succeeded", "a": "retrying"}


def test_who_is_asked_again_has_the_time_that_was_given_at_first() -> None:
    journal = MemoryJournal(earlier={"ask": waited("ask", "pending", 30.0)})

    ran = run(step("ask"), step("b"), tools=with_tool(parking({"ask": 3600, "b": 100}, "approval")), journal=journal)

    assert ran.outcome == Parked("ask", 30.0, waiting_for="approval")


def test_a_call_that_may_not_be_made_yet_holds_up_no_other() -> None:
    journal = MemoryJournal(guard=Postponed(7.0, reason="breaker"))

    ran = run(
        step("a"), step("b", uses="noop"), step("c", "b", uses="noop"), tools=with_tool(parking({})), journal=journal
    )

    assert ran.outcome == Parked("a", 7.0, "breaker")
    assert states(ran) == {"b": "succeeded", "c": "succeeded"}


def test_a_doubt_comes_before_a_failure() -> None:
    both = threading.Barrier(2, timeout=10)

    def call(given: Any, call: Any) -> None:
        both.wait()
        raise TimeoutError if call.step == "doubtful" else ToolFailure(LATER)

    ran = run(step("doubtful"), step("bad"), tools=with_tool(call, safe_to_retry=False))

    assert isinstance(ran.outcome, InDoubt)
    assert states(ran)["doubtful"] == "unknown"
    assert states(ran)["bad"] == "failed"


@st.composite
def orders(draw: st.DrawFn) -> list[list[int]]:
    """For each step those that it waits for, in any order of the list."""
    number = draw(st.integers(1, 12))
    places = draw(st.permutations(range(number)))
    after: list[list[int]] = [[] for _ in range(number)]
    for position in range(1, number):
        after[places[position]] = draw(st.lists(st.sampled_from(places[:position]), max_size=3, unique=True))
    return after


@settings(max_examples=150, deadline=None)
@given(orders(), st.sets(st.integers(0, 11)))
def test_any_step_begins_after_what_it_waits_for_and_is_done_once(after: list[list[int]], pure: set[int]) -> None:
    done: set[str] = set()
    calls: dict[str, int] = defaultdict(int)

    def call(given: Any, call: Any) -> None:
        calls[call.step] += 1
        assert {f"s{n}" for n in after[int(call.step[1:])]} <= done
        time.sleep(0)
        done.add(call.step)

    tools = with_tool(call).with_tools(Tool("test.pure", call, pure=True))
    steps = [
        {
            "id": f"s{n}",
            "uses": "test.pure" if n in pure else "test.tool",
            "depends_on": [f"s{each}" for each in before],
        }
        for n, before in enumerate(after)
    ]

    ran = run(*steps, tools=tools)

    assert ran.outcome == Succeeded()
    assert calls == {f"s{n}": 1 for n in range(len(after))}
    assert sorted(record.step for record in ran.journal.records) == sorted(calls)
