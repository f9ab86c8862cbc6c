"""How steps that hold others end when something ends them from outside: a failure beside them, an interruption, a wait."""

import threading
from typing import Any

import pytest

from pipelines import Catalogue, ErrorClass, Failed, Interrupted, Park, Parked, StepError, StepRecord, Tool, ToolFailure
from pipelines.crowd import Crowd
from tests.unit.pipelines.fakes import BUILTIN, MemoryJournal, run
from tests.unit.pipelines.test_parsing import fault_in

NO = StepError(ErrorClass.PERMANENT, "refused", "No.")


def with_tool(call: Any) -> Catalogue:
    return BUILTIN.with_tools(Tool("test.tool", call, safe_to_retry=True))


def call_of(name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "uses": "test.tool", **fields}


def foreach(*body: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": "each", "uses": "pipeline.foreach", "with": {"items": [1, 2], "body": list(body), **fields}}


@pytest.mark.parametrize("concurrency", [1, 2])
def test_a_failure_beside_it_lets_end_only_the_steps_that_are_under_way(
    concurrency: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, noted = threading.Event(), threading.Event()
    finish = Crowd._finish

    def note(crowd: Crowd, part: int, end: BaseException | None) -> None:
        finish(crowd, part, end)
        if end is not None:
            noted.set()

    def call(given: Any, call: Any) -> None:
        if call.step == "bad":
            assert begun.wait(10)
            raise ToolFailure(NO)
        begun.set()
        assert noted.wait(10)

    monkeypatch.setattr(Crowd, "_finish", note)
    each = foreach(call_of("first"), call_of("second"), concurrency=concurrency)

    ran = run({**each, "depends_on": []}, call_of("bad", depends_on=[]), tools=with_tool(call))

    assert ran.outcome == Failed("bad", NO)
    steps = {record.step for record in ran.journal.records}
    assert steps & {"each[0].first", "each[1].first"}
    assert not steps & {"each", "each[0].second", "each[1].second"}


def test_a_run_that_was_told_to_stop_begins_no_item() -> None:
    journal = MemoryJournal(stop=True)

    with pytest.raises(Interrupted):
        run(foreach(call_of("a")), tools=with_tool(lambda given, call: None), journal=journal)

    assert journal.calls == []


def test_an_interruption_inside_is_the_runs() -> None:
    journal = MemoryJournal()

    def call(given: Any, call: Any) -> None:
        journal.stop = True
        call.check()

    with pytest.raises(Interrupted):
        run(foreach(call_of("a"), on_item_error="continue"), tools=with_tool(call), journal=journal)

    assert journal.records == []


def test_what_is_left_of_a_wait_is_interrupted_too() -> None:
    earlier = {"each[0].a": StepRecord("each[0].a", "waiting", "test.tool", {}, None, None, 1, "k", wait=3.0)}
    journal = Stopped(earlier=earlier)

    with pytest.raises(Interrupted):
        run(foreach(call_of("a")), tools=with_tool(lambda given, call: None), journal=journal)

    assert journal.records == []


class Stopped(MemoryJournal):
    """Told to stop while it waits."""

    def wait(self, seconds: float) -> bool:
        self.stop = True
        return True


def test_an_item_that_waits_has_not_failed() -> None:
    def park(given: Any, call: Any) -> Any:
        raise Park(60)

    ran = run(foreach(call_of("a"), on_item_error="continue"), tools=with_tool(park))

    assert ran.outcome == Parked("each[0].a", 60)


def test_a_body_reads_no_step_that_runs_after_the_one_around_it() -> None:
    body = {"uses": "debug.echo", "with": {"x": "${steps.each}"}}

    pointer, message = fault_in(foreach(body))

    assert pointer == "/pipeline/0/with/body/0/with/x"
    assert "step 'each' has not run yet here" in message


def test_a_body_beside_others_is_told_what_the_step_around_it_should_wait_for() -> None:
    each = foreach({"uses": "debug.echo", "with": {"x": "${steps.first}"}})

    _, message = fault_in({**each, "depends_on": []}, before=({"id": "first", "uses": "noop"},))

    assert "step 'first' may not have run yet here; add 'first' to depends_on" in message
