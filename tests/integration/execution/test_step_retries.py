"""A step that fails, in a worker: its tries are counted and its failure is final, whatever happens to the worker."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from pipelines import ErrorClass, StepError, StepRecord, ToolFailure
from tasks_app import queue
from tasks_app.execution.doubt import Doubt
from tasks_app.execution.inbox import Kind, Wanted
from tasks_app.models import Run, StepLog
from tasks_app.services import runs
from tasks_app.services.actor import Actor
from tests.integration.execution.conftest import until
from tests.integration.execution.test_journal import Wanted as Written
from tests.integration.execution.test_journal import held_run, journal_of
from tests.integration.execution.work import MakeWorker, pipeline, state_of, with_tool
from tests.making import attempts_of, claim_one, events_of, expire, make_run, make_task, steps_of, the_event

pytestmark = pytest.mark.django_db(transaction=True)

BUSY = StepError(ErrorClass.RETRYABLE, "busy", "Later.")
NO = {"error_class": "permanent", "code": "refused", "message": "No."}
KEY = "k" * 64


class Service:
    """A tool that fails as often as it is told, and remembers its calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, failures: int) -> None:
        self.left = failures
        self.calls: list[str] = []
        with_tool(monkeypatch, "test.service", self, pure=False)

    def __call__(self, _given: object, call: Any) -> dict[str, int]:
        self.calls.append(call.idempotency_key)
        if self.left:
            self.left -= 1
            raise ToolFailure(BUSY)
        return {"n": len(self.calls)}


def run_of(*, retries_of_run: int = 0, **fields: Any) -> Run:
    steps = pipeline(
        {"id": "a", "uses": "test.service", **fields},
        {"id": "b", "uses": "debug.echo", "with": {"a": "${steps.a}"}},
    )
    return make_run(make_task(payload=steps, max_retries=retries_of_run))


def let_time_pass() -> None:
    Run.objects.update(run_at="2020-01-01T00:00:00Z")
    assert queue.promote(limit=10) == 1


def lost_after(run: Run, *recorded: queue.Step) -> None:
    """Let a worker record these and die."""
    lease = claim_one("killed").lease
    queue.apply(queue.checkpoint(lease, steps=recorded))
    expire(lease)
    queue.reap(limit=10)
    assert state_of(run) == "queued"


def recorded(state: str, *, failures: int, mark: str = "") -> queue.Step:
    return queue.Step("a", state, "test.service", {}, None, NO, 1, KEY, failures, mark)


def said_of(run: Run) -> list[tuple[str, str, int, str]]:
    return [(step.step, step.state, step.failures, step.mark) for step in steps_of(run)]


def test_a_long_wait_for_a_retry_holds_no_worker_and_another_goes_on_counting(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(monkeypatch, failures=99)
    run = run_of(retry_count=2, retry_delay=[6, 600])

    for name, failures in (("first", 1), ("second", 2)):
        worker = make_worker(name)
        worker.drain()
        until(lambda: state_of(run) == "waiting")
        run.refresh_from_db()
        assert (run.waiting_for, run.lease_until, run.failures) == ("retry", None, 0)
        assert said_of(run) == [("a", "retrying", failures, "")]
        worker.stop()
        let_time_pass()
    make_worker("third").drain()

    until(lambda: state_of(run) == "failed")
    assert said_of(run) == [("a", "failed", 3, "")]
    assert len(service.calls) == 3
    assert len(set(service.calls)) == 1
    assert [each.outcome for each in attempts_of(run)] == ["waiting", "waiting", "failed"]
    assert events_of(run).count("run.step_failed") == 3


def test_the_wait_is_as_long_as_the_step_says(make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    Service(monkeypatch, failures=1)
    run = run_of(retry_count=1, retry_delay=600)

    make_worker().drain()

    until(lambda: state_of(run) == "waiting")
    waits = the_event("run.waiting", aggregate_id=run.pk)
    assert waits.data | {"waiting_for": "retry", "step": "a", "delay_seconds": 600.0} == waits.data
    assert queue.promote(limit=10) == 0


def test_a_worker_that_dies_forgets_no_try_and_counts_none_twice(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(monkeypatch, failures=99)
    run = run_of(retry_count=3, retry_delay=0.1)
    lost_after(run, recorded("retrying", failures=2))

    make_worker().drain()

    until(lambda: state_of(run) == "failed")
    assert len(service.calls) == 2
    assert said_of(run) == [("a", "failed", 4, "")]


def test_short_waits_are_made_in_place_and_each_try_is_durable_before(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(monkeypatch, failures=2)
    run = run_of(max_retries=2, retry_delay=0.1)

    make_worker().drain()

    until(lambda: state_of(run) == "succeeded")
    logged = [[(row[1], row[8:]) for row in each.steps if row[0] == "a"] for each in StepLog.objects.filter(run=run)]
    assert logged[:2] == [[("retrying", [1, ""])], [("retrying", [2, ""])]]
    assert len(service.calls) == 3
    assert len(attempts_of(run)) == 1


def test_a_worker_that_is_told_to_stop_hands_back_a_step_that_waits_for_its_retry(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(monkeypatch, failures=1)
    run = run_of(retry_count=1, retry_delay=5)
    worker = make_worker(stop_grace=timedelta(milliseconds=50))
    threading.Thread(target=worker.drain, daemon=True).start()
    until(lambda: said_of(run) == [("a", "retrying", 1, "")])

    worker.stop()
    assert state_of(run) == "queued"
    make_worker("another").drain()

    until(lambda: state_of(run) == "succeeded")
    assert len(service.calls) == 2


def test_the_runs_own_retries_come_after_the_steps_and_are_added(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(monkeypatch, failures=99)
    task = make_task(
        payload=pipeline({"id": "a", "uses": "test.service", "max_retries": 1, "retry_delay": 0.1}), max_retries=1
    )
    run = make_run(task)
    worker = make_worker()

    def to_the_end() -> None:
        worker.drain()
        until(lambda: state_of(run) == "waiting")
        let_time_pass()
        worker.drain()
        until(lambda: state_of(run) == "failed")

    to_the_end()
    assert len(service.calls) == 3
    runs.retry(run, actor=Actor.of_user("anna"))
    to_the_end()

    assert len(service.calls) == 6, "another chance counts from zero"


def test_a_run_that_goes_on_over_a_failed_step_has_succeeded(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    Service(monkeypatch, failures=99)
    run = run_of(retries_of_run=3, on_error="continue")

    make_worker().drain()

    until(lambda: state_of(run) == "succeeded")
    assert said_of(run) == [("a", "failed", 0, "continued"), ("b", "succeeded", 0, "")]
    error = {"error_class": "retryable", "code": "busy", "message": "Later."}
    assert steps_of(run)[1].output == {"a": {"error": error}}
    assert events_of(run)[-3:] == ["run.step_failed", "run.step_succeeded", "run.succeeded"]


@pytest.mark.parametrize(
    ("mark", "on_error", "seen"),
    [
        ("continued", "continue", {"error": NO}),
        ("fallback", {"strategy": "fallback", "fallback_value": 7}, None),
    ],
)
def test_a_failure_over_which_a_run_goes_on_is_final(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch, mark: str, on_error: Any, seen: Any
) -> None:
    service = Service(monkeypatch, failures=0)
    run = run_of(on_error=on_error)
    lost_after(run, recorded("failed", failures=1, mark=mark))

    make_worker().drain()

    until(lambda: state_of(run) == "succeeded")
    assert service.calls == []
    assert said_of(run) == [("a", "failed", 1, mark), ("b", "succeeded", 0, "")]
    assert steps_of(run)[1].output == {"a": seen}


def test_what_is_recorded_later_does_not_change_a_final_failure() -> None:
    run = make_run()
    queue.apply(queue.checkpoint(claim_one().lease, steps=[recorded("failed", failures=1, mark="continued")]))
    lease = Run.objects.get(pk=run.pk).lease

    queue.apply(queue.checkpoint(lease, steps=[recorded("succeeded", failures=0)]))

    assert said_of(run) == [("a", "failed", 1, "continued")]


def test_a_try_whose_commit_is_in_doubt_is_told_apart_from_the_one_before() -> None:
    run = held_run()
    first, second = recorded("retrying", failures=1), recorded("retrying", failures=2)
    queue.apply(queue.checkpoint(run.lease, steps=[first]))
    again = Wanted(queue.checkpoint(run.lease, steps=[first, second]), run, Kind.CHECKPOINT)
    doubt = Doubt(worker="worker")
    doubt.arise()

    doubt.settle_moves([again])

    assert again.move is not None
    assert again.move.steps == [second]


def test_failures_that_a_run_ended_with_do_not_count_when_it_gets_another_chance() -> None:
    steps = {"a": recorded("failed", failures=4), "b": recorded("failed", failures=1, mark="continued")}
    run = held_run(steps)

    assert set(journal_of(run, Written()).recorded()) == {"b"}
    run.claimed = run.claimed._replace(failures=1)
    assert {name: each.failures for name, each in journal_of(run, Written()).recorded().items()} == {"a": 4, "b": 1}


def test_a_step_at_its_first_try_is_stored_as_shortly_as_ever() -> None:
    written = Written()
    journal = journal_of(held_run(), written)
    plain = StepRecord("a", "succeeded", "noop", {}, None, None, 1, "")

    journal.checkpoint(plain)
    journal.checkpoint(plain._replace(step="b", failures=2))

    [[first], [second]] = [move.steps for move in written.moves]
    assert (len(first.stored()), len(second.stored())) == (8, 10)
    assert queue.Step(*first.stored()) == first


def test_a_failure_that_the_run_alone_retries_is_stored_as_ever(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    Service(monkeypatch, failures=99)
    run = run_of()

    make_worker().drain()

    until(lambda: state_of(run) == "failed")
    assert [len(row) for each in StepLog.objects.filter(run=run) for row in each.steps] == [8]


def test_a_run_that_waits_for_a_steps_retry_can_be_canceled(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(monkeypatch, failures=99)
    run = run_of(retry_count=1, retry_delay=600, on_error="continue")
    make_worker().drain()
    until(lambda: state_of(run) == "waiting")

    runs.cancel(run, actor=Actor.of_user("anna"))

    assert state_of(run) == "canceled"
    assert len(service.calls) == 1
