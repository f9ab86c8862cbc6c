"""A run that goes on after another attempt: what was recorded is not done again."""

from typing import Any

from pipelines import StepRecord, Succeeded, Tool, ToolCall
from tests.unit.pipelines.fakes import BUILTIN, MemoryJournal, run


def recorded(step: str, state: Any, output: Any = None) -> StepRecord:
    return StepRecord(step, state, "test.effect", {}, output, None, 5, "key")


def resumed(earlier: StepRecord) -> tuple[Any, list[str]]:
    effects: list[str] = []

    def effect(given: Any, call: ToolCall) -> Any:
        effects.append(call.step)
        return {"n": "again"}

    ran = run(
        {"id": "a", "uses": "test.effect", "save_as": "saved"},
        {"id": "b", "uses": "debug.echo", "with": {"a": "${steps.a}", "saved": "${steps.saved}"}},
        tools=BUILTIN.with_tools(Tool("test.effect", effect, safe_to_retry=True)),
        journal=MemoryJournal(earlier={earlier.step: earlier}),
    )
    assert ran.outcome == Succeeded()
    return ran, effects


def test_a_step_that_succeeded_is_not_done_again_and_its_output_is_there() -> None:
    ran, effects = resumed(recorded("a", "succeeded", {"n": "first"}))

    assert effects == []
    assert [record.step for record in ran.journal.records] == ["b"]
    assert ran.record("b").output == {"a": {"n": "first"}, "saved": {"n": "first"}}


def test_a_skipped_step_stays_skipped() -> None:
    ran, effects = resumed(recorded("a", "skipped"))

    assert effects == []
    assert ran.record("b").output == {"a": None, "saved": None}


def test_a_step_that_waited_is_done_and_recorded_as_such() -> None:
    ran, effects = resumed(recorded("a", "waiting", {"slept_seconds": 20}))

    assert effects == []
    assert ran.record("a") == recorded("a", "succeeded", {"slept_seconds": 20})
    assert ran.record("b").output["a"] == {"slept_seconds": 20}


def test_a_step_that_failed_is_tried_again() -> None:
    ran, effects = resumed(recorded("a", "failed"))

    assert effects == ["a"]
    assert ran.record("a").output == {"n": "again"}


def test_a_step_for_which_nobody_has_said_what_it_comes_to_asks_again() -> None:
    ran, effects = resumed(recorded("a", "pending"))

    assert effects == ["a"]
    assert ran.journal.records[0].output == {"n": "again"}
