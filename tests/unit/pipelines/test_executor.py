"""How a run goes: order, records, conditions, failures, interruption."""

from typing import Any

import pytest

from pipelines import (
    ErrorClass,
    Failed,
    Interrupted,
    Park,
    Parked,
    StepError,
    StepRecord,
    Succeeded,
    Tool,
    ToolCall,
    ToolFailure,
    execute,
    parse,
)
from tests.unit.pipelines.fakes import BUILTIN, FakeClock, MemoryJournal, run


def tool(call: Any, **promises: Any) -> Tool:
    return Tool("test.tool", call, **({"safe_to_retry": True} | promises))


def tried(call: Any, *, journal: MemoryJournal | None = None, **promises: Any) -> Any:
    tools = BUILTIN.with_tools(tool(call, **promises))
    return run({"id": "a", "uses": "test.tool", "with": {"x": 1}}, tools=tools, journal=journal)


def test_results_are_visible_to_later_steps_by_id_and_by_save_as() -> None:
    ran = run(
        {"id": "wx", "uses": "debug.echo", "with": {"t": "${params.t}"}, "save_as": "weather"},
        {"uses": "debug.echo", "with": {"by_id": "${steps.wx.t}", "by_name": "${steps.weather.t}"}},
        params={"t": 30},
    )

    assert ran.outcome == Succeeded()
    assert ran.record("step_2").output == {"by_id": 30, "by_name": 30}


def test_the_context_overrules_params_one_by_one() -> None:
    ran = run(
        {"uses": "debug.echo", "with": {"a": "${params.a}", "b": "${params.b}", "e": "${event.x}"}},
        params={"a": 1, "b": 1},
        context={"params": {"b": 2}, "event": {"x": 3}},
    )

    assert ran.record("step_1").output == {"a": 1, "b": 2, "e": 3}


def test_a_pure_step_is_kept_with_all_that_there_is_to_know() -> None:
    ran = run({"id": "a", "uses": "debug.echo", "with": {"x": "${params.x}"}}, params={"x": 1})

    assert ran.journal.calls == [("keep", StepRecord("a", "succeeded", "debug.echo", {"x": 1}, {"x": 1}, None, 0, ""))]


def test_a_step_with_effects_is_announced_and_then_durable_before_the_next_begins() -> None:
    tools = BUILTIN.with_tools(tool(lambda given, call: {"key": call.idempotency_key}))
    ran = run({"id": "a", "uses": "test.tool"}, {"id": "b", "uses": "noop"}, tools=tools)

    assert ran.journal.verbs == ["before_effect", "checkpoint", "keep"]
    record = ran.record("a")
    assert record.output == {"key": record.idempotency_key}
    assert len(record.idempotency_key) == 64


def test_an_effect_that_ends_the_run_is_made_durable_by_its_end() -> None:
    assert tried(lambda given, call: None).journal.verbs == ["before_effect", "keep"]


def test_the_idempotency_key_is_the_runs_and_the_steps() -> None:
    keys = {
        (run_id, step): run(
            {"id": step, "uses": "test.tool"},
            tools=BUILTIN.with_tools(tool(lambda given, call: {})),
            context={"run": {"id": run_id}},
        )
        .record(step)
        .idempotency_key
        for run_id in ("r1", "r2")
        for step in ("a", "b")
        for _attempt in (1, 2)
    }

    assert len(set(keys.values())) == 4


def test_a_tool_knows_its_run_its_request_and_its_deadline() -> None:
    seen = tried(lambda given, call: {"ids": [call.run_id, call.request_id, call.step], "left": call.remaining()})

    assert seen.record("a").output == {"ids": ["run-1", "request-1", "a"], "left": 30.0}


def test_without_the_runs_id_no_effect_happens() -> None:
    pipeline = parse({"pipeline": [{"uses": "test.tool"}]})
    journal = MemoryJournal()

    with pytest.raises(ValueError, match="needs the run's id"):
        execute(pipeline, {}, journal, BUILTIN.with_tools(tool(lambda given, call: {})), FakeClock())

    assert journal.calls == []


def test_a_false_condition_skips_its_step_and_leaves_null() -> None:
    ran = run(
        {"id": "a", "uses": "debug.echo", "with": {"x": "${params.nope}"}, "if": "params.go"},
        {"id": "b", "uses": "debug.echo", "with": {"a": "${steps.a}"}},
        {"id": "c", "uses": "noop", "if": False},
        {"id": "d", "uses": "noop", "if": True},
        params={"go": False},
    )

    assert [(record.step, record.state) for record in ran.journal.records] == [
        ("a", "skipped"),
        ("b", "succeeded"),
        ("c", "skipped"),
        ("d", "succeeded"),
    ]
    assert ran.record("b").output == {"a": None}


def test_a_failed_step_ends_the_run_and_is_kept() -> None:
    ran = run({"id": "a", "uses": "debug.echo", "with": {"x": "${params.nope}"}}, {"id": "b", "uses": "noop"})

    assert isinstance(ran.outcome, Failed)
    assert (ran.outcome.step, ran.outcome.error.code) == ("a", "undefined_reference")
    [record] = ran.journal.records
    assert (record.state, record.error, record.input) == ("failed", ran.outcome.error, None)


def test_a_condition_that_cannot_be_evaluated_fails_its_step() -> None:
    ran = run({"id": "a", "uses": "noop", "if": "abs(params.x) > 1"}, params={"x": "text"})

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.code == "expression_failed"


def test_a_tools_own_failure_is_the_steps() -> None:
    error = StepError(ErrorClass.RETRYABLE, "busy", "try again", retry_after=7.0)

    def fail(given: Any, call: ToolCall) -> Any:
        raise ToolFailure(error)

    assert tried(fail).outcome == Failed("a", error)


@pytest.mark.parametrize(
    ("crash", "error_class", "code"),
    [
        (RuntimeError("boom"), ErrorClass.PERMANENT, "tool_crashed"),
        (ConnectionResetError("gone"), ErrorClass.RETRYABLE, "tool_unreachable"),
        (TimeoutError("slow"), ErrorClass.TIMEOUT, "timeout"),
    ],
)
def test_whatever_a_tool_raises_becomes_an_outcome(crash: Exception, error_class: ErrorClass, code: str) -> None:
    def fail(given: Any, call: ToolCall) -> Any:
        raise crash

    ran = tried(fail)

    assert isinstance(ran.outcome, Failed)
    assert (ran.outcome.error.error_class, ran.outcome.error.code) == (error_class, code)
    assert ran.outcome.error.message == f"test.tool raised {type(crash).__name__}: {crash}"


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ({"a": ["\0"]}, "/a/0 text with a NUL"),
        ({"a": object()}, "/a object is not a JSON value"),
        (float("inf"), "/ NaN and infinity"),
        ("x" * 1_000_001, "larger than allowed"),
        ((1, 2), "tuple is not a JSON value"),
    ],
)
def test_an_output_that_cannot_be_stored_fails_its_step(output: Any, says: str) -> None:
    error = tried(lambda given, call: output).outcome.error

    assert (error.error_class, error.code) == (ErrorClass.PERMANENT, "invalid_output")
    assert says in error.message


def test_nesting_is_bounded() -> None:
    in_lists: Any = 1
    in_objects: Any = 1
    for _ in range(32):
        in_lists, in_objects = [in_lists], {"a": in_objects}

    assert tried(lambda given, call: [in_objects, in_lists][1]).outcome == Succeeded()
    assert "deeper than 32" in tried(lambda given, call: [in_lists]).outcome.error.message
    assert "deeper than 32" in tried(lambda given, call: [in_objects]).outcome.error.message


def test_an_output_must_fit_its_schema() -> None:
    text = {"type": "object", "properties": {"x": {"type": "string"}}}

    error = tried(lambda given, call: {"x": 1}, output_schema=text).outcome.error

    assert error == StepError(ErrorClass.PERMANENT, "invalid_output", "/x is not a string")


def test_a_rendered_input_is_checked_before_the_call() -> None:
    ran = run({"uses": "system.sleep", "with": {"seconds": "${params.s}"}}, params={"s": "long"})

    assert isinstance(ran.outcome, Failed)
    assert (ran.outcome.error.code, ran.outcome.error.message) == ("invalid_input", "/seconds is not a number")


def test_a_tool_that_has_left_the_catalogue_fails_its_step() -> None:
    journal = MemoryJournal()

    outcome = execute(parse({"pipeline": [{"uses": "gone.tool"}]}), {}, journal, BUILTIN, FakeClock())

    assert outcome == Failed(
        "step_1", StepError(ErrorClass.PERMANENT, "unknown_tool", "there is no tool called 'gone.tool'")
    )


def test_a_run_that_was_told_to_stop_starts_no_step() -> None:
    journal = MemoryJournal(stop=True)

    with pytest.raises(Interrupted):
        run({"uses": "noop"}, journal=journal)

    assert journal.calls == []


def test_an_interrupted_tool_leaves_no_record() -> None:
    journal = MemoryJournal()

    def stop(given: Any, call: ToolCall) -> Any:
        journal.stop = True
        call.check()

    with pytest.raises(Interrupted):
        tried(stop, journal=journal)

    assert journal.records == []


def test_a_parked_step_is_durable_and_gives_the_worker_back() -> None:
    def park(given: Any, call: ToolCall) -> Any:
        raise Park(60, output={"slept": 60})

    ran = tried(park)

    assert ran.outcome == Parked("a", 60)
    assert ran.journal.verbs == ["before_effect", "keep"]
    assert (ran.record("a").state, ran.record("a").output) == ("waiting", {"slept": 60})


def test_the_runs_deadline_bounds_every_step() -> None:
    tools = BUILTIN.with_tools(tool(lambda given, call: {"left": call.remaining()}, timeout_seconds=30))

    near = run({"uses": "test.tool"}, tools=tools, deadline=110.0)
    far = run({"uses": "test.tool", "timeout_seconds": 5}, tools=tools, deadline=500.0)

    assert (near.record("step_1").output, far.record("step_1").output) == ({"left": 10.0}, {"left": 5.0})


def test_no_effect_starts_after_the_deadline() -> None:
    tools = BUILTIN.with_tools(tool(lambda given, call: {}))

    ran = run({"uses": "test.tool"}, tools=tools, deadline=99.0)

    assert isinstance(ran.outcome, Failed)
    assert (ran.outcome.error.error_class, ran.outcome.error.code) == (ErrorClass.TIMEOUT, "timeout")
    assert ran.journal.verbs == ["keep"]


def test_the_clock_is_asked_once_and_only_if_needed() -> None:
    asked = run(*({"uses": "debug.echo", "with": {"at": "${now}"}} for _ in range(3)))
    unasked = run({"uses": "noop"})

    assert (asked.clock.asked, unasked.clock.asked) == (1, 0)


def test_a_step_takes_as_long_as_it_takes() -> None:
    clock = FakeClock()

    def slow(given: Any, call: ToolCall) -> Any:
        clock.seconds += 1.5

    ran = run({"uses": "test.tool"}, tools=BUILTIN.with_tools(tool(slow)), clock=clock)

    assert ran.record("step_1").duration_ms == 1500
