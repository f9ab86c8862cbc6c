"""A call that is not pure asks its surroundings first, and they see how it ended."""

import pytest

from pipelines import (
    Catalogue,
    ErrorClass,
    Failed,
    Interrupted,
    Park,
    Parked,
    Postponed,
    StepError,
    StepFailed,
    Succeeded,
    Tool,
    ToolCall,
    ToolFailure,
)
from pipelines.tools.http_request import http_request
from pipelines.usage import Usage
from tests.unit.pipelines.fakes import MemoryJournal, run

REFUSED = ToolFailure(StepError(ErrorClass.RETRYABLE, "busy", "later"))


def tools(raised: BaseException | None = None, *, pure: bool = False) -> Catalogue:
    def call(_given: object, _call: object) -> str:
        if raised is not None:
            raise raised
        return "done"

    named = Tool("test.named", call, destination=lambda given: f"test.named {given['host']}", pure=pure)
    return Catalogue([named, Tool("test.local", call, pure=pure)])


STEP = {"id": "a", "uses": "test.named", "with": {"host": "h:1"}}


def test_a_call_names_its_tool_its_destination_and_the_seconds_it_may_take() -> None:
    ran = run(STEP | {"timeout_seconds": 7}, {"uses": "test.local"}, tools=tools())

    assert ran.journal.asked == [("test.named", "test.named h:1", 7.0), ("test.local", "", 30.0)]
    assert ran.outcome == Succeeded()


def test_a_pure_call_is_protected_if_it_asks_somebody_outside_and_is_not_if_it_only_computes() -> None:
    protected = run(STEP, tools=tools(pure=True)).journal

    assert [destination for _, destination, _ in protected.asked] == ["test.named h:1"]
    assert "begin" not in protected.verbs
    assert run({"uses": "debug.echo"}).journal.asked == []


def test_a_call_that_is_postponed_is_not_made_and_nothing_is_recorded_of_it() -> None:
    journal = MemoryJournal(guard=Postponed(12.5, reason="breaker"))

    ran = run(STEP, tools=tools(AssertionError("it was called")), journal=journal)

    assert ran.outcome == Parked("a", 12.5, "breaker")
    assert ran.journal.records == []


def test_a_call_that_is_refused_fails_its_step() -> None:
    error = StepError(ErrorClass.RETRYABLE, "destination_unavailable", "It has waited for too long.")

    ran = run(STEP, tools=tools(), journal=MemoryJournal(guard=StepFailed(error)))

    assert ran.outcome == Failed("a", error)
    assert ran.record("a").error == error


@pytest.mark.parametrize("raised", [REFUSED, Park(60)], ids=["failure", "park"])
def test_how_a_call_ended_is_seen(raised: Exception) -> None:
    assert run(STEP, tools=tools(raised)).journal.seen == [raised]


def test_an_interruption_is_seen_and_passes_through() -> None:
    journal = MemoryJournal()

    with pytest.raises(Interrupted):
        run(STEP, tools=tools(Interrupted()), journal=journal)

    assert [type(each) for each in journal.seen] == [Interrupted]


@pytest.mark.parametrize(
    ("url", "destination"),
    [
        ("https://API.example.org/path?q=1", "http.request api.example.org:443"),
        ("http://api.example.org.", "http.request api.example.org:80"),
        ("http://127.0.0.1:8080/", "http.request 127.0.0.1:8080"),
        ("http://[::1]:8080/", "http.request [::1]:8080"),
        ("ftp://example.org", "http.request"),
        ("nonsense", "http.request"),
    ],
)
def test_the_destination_of_a_request_is_its_host_and_port(url: str, destination: str) -> None:
    assert http_request().destination_of({"url": url}) == destination


def test_a_tool_that_needs_scopes_is_permitted_just_before_its_call_be_it_pure_or_not() -> None:
    notify = frozenset({"notify"})
    both = Catalogue(
        [Tool("a.pure", lambda _g, _c: 1, pure=True, scopes=notify), Tool("a.loud", lambda _g, _c: 1, scopes=notify)]
    )

    ran = run({"uses": "a.pure"}, {"uses": "a.loud"}, {"uses": "a.loud", "if": False}, tools=both)

    assert ran.journal.permits == [("a.pure", notify), ("a.loud", notify)]
    assert run({"uses": "noop"}).journal.permits == []


def test_a_tool_that_is_not_permitted_is_not_called() -> None:
    called: list[object] = []
    loud = Tool("a.loud", lambda _g, _c: called.append(1), scopes=frozenset({"notify"}))
    refusal = StepFailed.permanently("scope_missing", "no")

    ran = run({"id": "a", "uses": "a.loud"}, tools=Catalogue([loud]), journal=MemoryJournal(refusal=refusal))

    assert ran.outcome == Failed("a", refusal.error)
    assert called == []
    assert ran.journal.asked == []


def reserving(*, at_most_once: bool) -> Catalogue:
    def call(_given: object, call: ToolCall) -> None:
        call.reserve(Usage(tokens_out=5))

    return Catalogue([Tool("llm.test", call, safe_to_retry=not at_most_once)])


@pytest.mark.parametrize(("at_most_once", "records"), [(False, []), (True, ["begun", "pending"])])
def test_a_call_that_finds_its_budget_used_up_waits_as_if_it_had_not_begun(
    at_most_once: bool, records: list[str]
) -> None:
    journal = MemoryJournal(refusal=Postponed(30, reason="budget"))

    ran = run({"id": "a", "uses": "llm.test"}, tools=reserving(at_most_once=at_most_once), journal=journal)

    assert ran.outcome == Parked("a", 30, "budget")
    assert [record.state for record in ran.journal.records] == records
    assert ran.journal.reserved == [Usage(tokens_out=5)]


@pytest.mark.parametrize("at_most_once", [False, True])
def test_a_call_whose_budget_is_used_up_for_the_day_fails_its_step(at_most_once: bool) -> None:
    refusal = StepFailed.permanently("budget_exhausted", "tomorrow")

    ran = run(
        {"id": "a", "uses": "llm.test"},
        tools=reserving(at_most_once=at_most_once),
        journal=MemoryJournal(refusal=refusal),
    )

    assert ran.outcome == Failed("a", refusal.error)
