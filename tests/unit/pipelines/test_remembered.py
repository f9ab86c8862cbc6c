"""A step whose key was used before, and which says how long that stands."""

from typing import Any

import pytest

from pipelines import Catalogue, ErrorClass, Failed, StepError, StepFailed, StepRecord, Succeeded, Tool, ToolFailure
from pipelines.records import Remembered
from tests.unit.pipelines.fakes import BUILTIN, MemoryJournal, run

STEP = {"id": "a", "uses": "test.tool", "idempotency_key": "order:${params.n}", "idempotency_ttl_seconds": 60}


class Service:
    def __init__(self, *, failures: int = 0) -> None:
        self.calls: list[str] = []
        self.left = failures

    def __call__(self, _given: Any, call: Any) -> Any:
        self.calls.append(call.idempotency_key)
        if self.left:
            self.left -= 1
            raise ToolFailure(StepError(ErrorClass.RETRYABLE, "busy", "Later."))
        return {"n": len(self.calls)}


def tools(service: Service, **promises: Any) -> Catalogue:
    return BUILTIN.with_tools(Tool("test.tool", service, **({"safe_to_retry": True} | promises)))


def test_a_further_run_takes_the_output_and_makes_no_call() -> None:
    service, journal = Service(), MemoryJournal()
    for number in (1, 1, 2):
        assert run(STEP, params={"n": number}, tools=tools(service), journal=journal).outcome == Succeeded()

    assert service.calls == ["order:1", "order:2"]
    assert [(record.state, record.output, record.idempotency_key) for record in journal.records] == [
        ("succeeded", {"n": 1}, "order:1"), ("succeeded", {"n": 1}, "order:1"), ("succeeded", {"n": 2}, "order:2"),
    ]  # fmt: skip
    assert journal.kept_for == [60, 60], "what was remembered is not remembered for longer"


def test_it_is_kept_with_the_record_even_where_that_ends_the_run() -> None:
    ran = run(STEP, params={"n": 1}, tools=tools(Service()))

    assert ran.journal.verbs == ["before_effect", "remember"]


def test_a_call_that_failed_stands_for_none() -> None:
    service, journal = Service(failures=1), MemoryJournal()

    assert isinstance(run(STEP, params={"n": 1}, tools=tools(service), journal=journal).outcome, Failed)
    assert run(STEP, params={"n": 1}, tools=tools(service), journal=journal).outcome == Succeeded()
    assert service.calls == ["order:1", "order:1"]


def test_a_step_that_does_not_say_how_long_makes_its_call() -> None:
    service, journal = Service(), MemoryJournal(memory={("test.tool", "order:1"): Remembered("kept")})

    ran = run({**STEP} | {"idempotency_ttl_seconds": 60}, params={"n": 1}, tools=tools(service), journal=journal)
    plain = {name: value for name, value in STEP.items() if name != "idempotency_ttl_seconds"}
    run(plain, params={"n": 1}, tools=tools(service), journal=journal)

    assert ran.journal.records[0].output == "kept"
    assert service.calls == ["order:1"]


def test_a_pure_tool_has_no_key_to_remember_it_by() -> None:
    ran = run(STEP, params={"n": 1}, tools=tools(Service(), pure=True))

    assert ran.journal.verbs == ["keep"]


def test_what_is_remembered_must_fit_the_tool_as_it_is_now() -> None:
    journal = MemoryJournal(memory={("test.tool", "order:1"): Remembered("kept")})

    ran = run(STEP, params={"n": 1}, tools=tools(Service(), output_schema={"type": "object"}), journal=journal)

    assert isinstance(ran.outcome, Failed)
    assert ran.outcome.error.code == "invalid_output"


def test_where_it_cannot_be_known_no_call_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(_journal: Any, _tool: str, _key: str) -> Any:
        raise StepFailed(StepError(ErrorClass.RETRYABLE, "database_unavailable", "Later."))

    monkeypatch.setattr(MemoryJournal, "remembered", ask)
    service = Service()

    ran = run(STEP, params={"n": 1}, tools=tools(service))

    assert isinstance(ran.outcome, Failed)
    assert (ran.outcome.error.code, service.calls) == ("database_unavailable", [])


def test_a_step_that_was_recorded_is_not_looked_up() -> None:
    earlier = {"a": StepRecord("a", "succeeded", "test.tool", {}, "own", None, 1, "order:1")}
    journal = MemoryJournal(earlier=earlier, memory={("test.tool", "order:1"): Remembered("kept")})

    ran = run(STEP, {"id": "b", "uses": "debug.echo", "with": {"a": "${steps.a}"}}, params={"n": 1},
              tools=tools(Service()), journal=journal)  # fmt: skip

    assert ran.record("b").output == {"a": "own"}
