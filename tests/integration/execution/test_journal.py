"""What a run's steps came to is durable before anything outside may depend on it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

import pipelines
from pipelines import ErrorClass, Interrupted, StepError, StepRecord
from tasks_app import queue
from tasks_app.destinations.guard import Guard
from tasks_app.destinations.rules import Rules
from tasks_app.execution import definitions
from tasks_app.execution.definitions import Definitions
from tasks_app.execution.held import HeldRun, Interruption
from tasks_app.execution.journal import LONG_STEP_MS, RunJournal, error_as_json
from tasks_app.execution.runner import RunClock, carry_out
from tasks_app.models import TaskDefinition
from tests.integration.execution.work import pipeline, with_tool
from tests.making import claim_one, make_run, make_task

pytestmark = pytest.mark.django_db


class Wanted:
    """What was written, and whether the lease holds."""

    def __init__(self, *, held: bool = True) -> None:
        self.held = held
        self.moves: list[queue.Move] = []
        self.asides = 0

    def write(self, move: queue.Move) -> bool:
        self.moves.append(move)
        return self.held

    def step_aside(self) -> None:
        self.asides += 1

    def steps(self) -> list[list[str]]:
        return [[each.step for each in move.steps] for move in self.moves]


class Asking:
    """In the place of the guard's clerk: asks on the test's own connection."""

    def do(self, question: Callable[[], Any]) -> Any:
        return question()


def guard() -> Guard:
    made = Guard(Rules())
    made._clerk = Asking()  # type: ignore[assignment]
    return made


def held_run(recorded: dict[str, queue.Step] | None = None, **fields: Any) -> HeldRun:
    make_run(make_task(**fields))
    claimed = claim_one()
    key = (claimed.task, claimed.task_version)
    return HeldRun(claimed, Definitions().of([key])[key], recorded or {}, trusted_until=float("inf"))


def journal_of(run: HeldRun, wanted: Wanted) -> RunJournal:
    return RunJournal(run, write=wanted.write, step_aside=wanted.step_aside, guard=guard())


def record(name: str, state: Any = "succeeded", *, ms: int = 1) -> StepRecord:
    return StepRecord(name, state, "noop", {}, None, None, ms, "")


ANY_STEP: Any = None  # the journal does not look at it


def test_pure_results_are_written_before_the_effect_that_follows_them_and_not_sooner() -> None:
    wanted = Wanted()
    journal = journal_of(held_run(), wanted)
    journal.keep(record("a"))
    journal.keep(record("b"))
    assert wanted.steps() == []

    journal.before_effect(ANY_STEP)

    assert wanted.steps() == [["a", "b"]]
    assert wanted.asides == 1
    assert journal.unwritten() == []


def test_an_effect_is_written_when_it_is_done() -> None:
    wanted = Wanted()
    journal = journal_of(held_run(), wanted)

    journal.before_effect(ANY_STEP)
    journal.checkpoint(record("a"))

    assert wanted.steps() == [["a"]]


def test_a_pure_step_that_took_long_is_worth_a_write_unless_it_failed() -> None:
    wanted = Wanted()
    journal = journal_of(held_run(), wanted)

    journal.keep(record("a", ms=LONG_STEP_MS))
    assert wanted.steps() == []
    journal.keep(record("b", ms=LONG_STEP_MS + 1))
    assert wanted.steps() == [["a", "b"]]
    journal.keep(record("c", "failed", ms=LONG_STEP_MS + 1))

    assert [each.step for each in journal.unwritten()] == ["c"]


def test_a_lost_lease_ends_the_run_at_its_next_write() -> None:
    journal = journal_of(held_run(), Wanted(held=False))

    with pytest.raises(Interrupted):
        journal.checkpoint(record("a"))


@pytest.mark.parametrize("why", ["not trusted", "stopping", "interrupted"])
def test_no_effect_begins_when_the_run_may_not_go_on(why: str) -> None:
    run, wanted = held_run(), Wanted()
    run.stop_at_next_step = why == "stopping"
    if why == "not trusted":
        run.trusted_until = 0.0
    if why == "interrupted":
        run.interrupt(Interruption.TIMED_OUT)
    journal = journal_of(run, wanted)

    with pytest.raises(Interrupted):
        journal.before_effect(ANY_STEP)

    assert run.why_stopped is not None
    assert wanted.asides == 0


def test_an_error_is_stored_as_what_can_be_stored_of_it() -> None:
    error = StepError(ErrorClass.RETRYABLE, "b\0d", "half \ud800 a pair", retry_after=float("nan"))

    assert error_as_json(error) == {
        "error_class": "retryable", "code": "b\ufffdd", "message": "half ? a pair", "retry_after": "nan",
    }  # fmt: skip
    sound = StepError(ErrorClass.PERMANENT, "broken", "It broke.")
    assert error_as_json(sound) == {"error_class": "permanent", "code": "broken", "message": "It broke."}
    assert error_as_json(StepError(ErrorClass.RETRYABLE, "busy", "later", 2.5))["retry_after"] == 2.5


def test_every_attempt_of_a_run_has_the_same_now_in_the_tasks_zone() -> None:
    run = held_run(timezone="Asia/Kathmandu")
    clock = RunClock(run)

    assert clock.now() == run.claimed.started_at
    assert clock.now().utcoffset() is not None
    assert str(clock.now().tzinfo) == "Asia/Kathmandu"


@pytest.mark.parametrize(
    ("why", "outcome"),
    [
        (Interruption.STOPPING, "handed_back"),
        (Interruption.TIMED_OUT, "timed_out"),
        (Interruption.LEASE_LOST, None),
    ],
)
def test_an_interrupted_run_goes_on_by_what_interrupted_it(why: Interruption, outcome: str | None) -> None:
    run, wanted = held_run(), Wanted()
    run.interrupt(why)

    move = carry_out(run, write=wanted.write, step_aside=wanted.step_aside, guard=guard())

    assert (move and move.outcome) == outcome


def test_a_failure_after_the_runs_deadline_is_its_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(_given: object, _call: pipelines.ToolCall) -> None:
        run.deadline = 0.0
        raise ConnectionError("refused")

    with_tool(monkeypatch, "test.slow", slow, pure=False)
    run, wanted = held_run(payload=pipeline({"id": "a", "uses": "test.slow"})), Wanted()

    move = carry_out(run, write=wanted.write, step_aside=wanted.step_aside, guard=guard())

    assert move is not None
    assert (move.outcome, (move.error or {})["code"]) == ("timed_out", "run_timeout")


def test_a_delay_that_is_no_number_fails_the_run_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_given: object, _call: pipelines.ToolCall) -> None:
        raise pipelines.ToolFailure(StepError(ErrorClass.RETRYABLE, "busy", "later", retry_after="soon"))  # type: ignore[arg-type]

    with_tool(monkeypatch, "test.busy", busy, pure=False)
    run, wanted = held_run(payload=pipeline({"id": "a", "uses": "test.busy"})), Wanted()

    move = carry_out(run, write=wanted.write, step_aside=wanted.step_aside, guard=guard())

    assert move is not None
    assert (move.outcome, (move.error or {})["code"]) == ("failed", "internal_error")
    assert [each.state for each in move.steps] == ["failed"]


def test_definitions_are_read_once_and_forgotten_in_the_order_of_their_last_use(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(definitions, "KEPT", 2)
    keys = [(make_task(title=f"task {n}").pk, 1) for n in range(3)]
    cache = Definitions()

    with django_assert_num_queries(1):
        assert [each.title for each in cache.of(keys[:2]).values()]
    with django_assert_num_queries(0):
        cache.of(keys[:1])
    with django_assert_num_queries(1):
        cache.of(keys[2:])
    with django_assert_num_queries(0):
        assert cache.of([keys[0], keys[2]]).keys() == {keys[0], keys[2]}
    with django_assert_num_queries(1):
        cache.of(keys[1:2])


def test_each_version_of_a_task_has_its_definition() -> None:
    task = make_task(title="Old")
    first = TaskDefinition.objects.get(task=task)
    TaskDefinition.objects.create(
        task=task, version=2, title="New", timezone="UTC", payload=first.payload, max_retries=0,
        backoff_strategy="fixed", retry_delay_seconds=1, timeout_seconds=7,
    )  # fmt: skip

    found = Definitions().of([(task.pk, 1), (task.pk, 2)])

    assert [(found[task.pk, n].title, found[task.pk, n].timeout) for n in (1, 2)] == [("Old", 300), ("New", 7)]


def test_a_bell_is_not_missed_between_the_question_and_the_sleep() -> None:
    run = held_run()
    sleepers = [threading.Thread(target=run.wait, args=(20,)) for _ in range(4)]
    for sleeper in sleepers:
        sleeper.start()

    run.interrupt(Interruption.STOPPING)

    for sleeper in sleepers:
        sleeper.join(5)
        assert not sleeper.is_alive()


def test_secrets_that_an_effect_was_given_are_not_recorded() -> None:
    wanted = Wanted()
    given = {"url": "https://example.org", "headers": {"Authorization": "Bearer s3cret"}}

    journal_of(held_run(), wanted).checkpoint(StepRecord("a", "succeeded", "http.request", given, None, None, 1, "key"))

    [[step]] = [move.steps for move in wanted.moves]
    assert step.input == {"url": "https://example.org", "headers": {"Authorization": "***"}}


@pytest.mark.parametrize(
    ("retries", "said"),
    [(0, "has failed at step a: tool_unreachable"), (1, "failed at step a: tool_unreachable; tried")],
)
def test_a_failure_is_logged_without_what_the_world_answered(
    retries: int, said: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unreachable(_given: object, _call: pipelines.ToolCall) -> None:
        raise ConnectionError("no route for Bearer s3cret")

    caplog.set_level("INFO")
    with_tool(monkeypatch, "test.away", unreachable, pure=False)
    run, wanted = held_run(payload=pipeline({"id": "a", "uses": "test.away"}), max_retries=retries), Wanted()

    carry_out(run, write=wanted.write, step_aside=wanted.step_aside, guard=guard())

    assert said in caplog.text
    assert "s3cret" not in caplog.text
