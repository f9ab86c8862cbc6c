"""A call that must not be repeated, in a worker: whatever happens to the worker, a person says how the run goes on."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from pipelines import Interrupted, StepRecord, ToolCall
from tasks_app import queue
from tasks_app.execution.held import Interruption
from tasks_app.models import Run, StepLog
from tasks_app.services import decisions
from tasks_app.services.actor import Actor
from tests.integration.execution.conftest import until
from tests.integration.execution.test_journal import Wanted, held_run, journal_of
from tests.integration.execution.work import Gate, MakeWorker, pipeline, state_of, with_tool
from tests.making import attempts_of, claim_one, events_of, expire, make_run, make_task, steps_of, the_event, told

pytestmark = pytest.mark.django_db(transaction=True)

TRANSFER = pipeline(
    {"id": "first", "uses": "noop"}, {"id": "pay", "uses": "bank.transfer"}, {"id": "z", "uses": "noop"}
)
ANNA = Actor.of_user("anna")
BEGUN = StepRecord("pay", "begun", "bank.transfer", {}, None, None, 1, "key")


def begun(*, payload: dict[str, object] = TRANSFER) -> Run:
    """A run whose worker was lost in the middle of its call."""
    run = make_run(make_task(payload=payload))
    lease = claim_one("killed").lease
    queue.apply(queue.checkpoint(lease, steps=[queue.Step(*BEGUN)]))  # type: ignore[arg-type]
    expire(lease)
    queue.reap(limit=10)
    return run


def in_doubt(make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch, calls: list[str]) -> Run:
    with_tool(
        monkeypatch, "bank.transfer", lambda _given, call: calls.append(call.step), pure=False, safe_to_retry=False
    )
    run = begun()
    make_worker().drain()
    until(lambda: state_of(run) == "waiting")
    run.refresh_from_db()
    return run


def states_of(run: Run) -> dict[str, str]:
    return {step.step: step.state for step in steps_of(run)}


def test_a_lost_worker_leaves_the_step_unknown_for_a_person(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    run = in_doubt(make_worker, monkeypatch, calls)

    assert calls == []
    assert (run.waiting_for, run.lease_until, run.error["step"]) == ("decision", None, "pay")
    assert run.error["code"] == "outcome_unknown"
    assert states_of(run) == {"pay": "unknown", "first": "succeeded"}
    waits = the_event("run.waiting", aggregate_id=run.pk)
    assert (waits.data["waiting_for"], waits.data["step"]) == ("decision", "pay")
    assert queue.promote(limit=10) == 0, "time alone decides nothing"
    assert [each.outcome for each in attempts_of(run)] == ["lost", "waiting"]


@pytest.mark.parametrize(
    ("said", "state", "paid", "called"),
    [
        ({"outcome": "succeeded", "output": {"id": 7}}, "succeeded", "succeeded", []),
        ({"outcome": "failed", "comment": "it never arrived"}, "failed", "failed", []),
        ({"outcome": "retry"}, "succeeded", "succeeded", ["pay"]),
    ],
)
def test_the_run_goes_on_as_the_person_says(  # noqa: PLR0913, PLR0917
    make_worker: MakeWorker,
    monkeypatch: pytest.MonkeyPatch,
    said: dict[str, Any],
    state: str,
    paid: str,
    called: list[str],
) -> None:
    calls: list[str] = []
    run = in_doubt(make_worker, monkeypatch, calls)

    decisions.resolve(run, actor=ANNA, **said)

    until(lambda: state_of(run) == state)
    assert calls == called
    assert states_of(run)["pay"] == paid
    run.refresh_from_db()
    assert (run.error or {}).get("message") == ("user:anna says: it never arrived" if state == "failed" else None)
    seqs = [event.seq for event in told(aggregate_id=run.pk)]
    assert seqs == list(range(1, len(seqs) + 1))


def test_that_a_call_begins_is_durable_before_it_is_made(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    run = make_run(make_task(payload=TRANSFER))

    def transfer(_given: object, _call: ToolCall) -> None:
        from django.db import connection

        seen.append([f"{step.step} {step.state}" for step in steps_of(run)])
        connection.close()

    with_tool(monkeypatch, "bank.transfer", transfer, pure=False, safe_to_retry=False)
    make_worker().drain()

    until(lambda: state_of(run) == "succeeded")
    assert seen == [["first succeeded", "pay begun"]]
    assert events_of(run)[2:5] == ["run.step_succeeded", "run.step_begun", "run.step_succeeded"]


def test_a_call_in_the_middle_of_which_the_worker_stops_is_in_doubt_afterwards(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    with_tool(monkeypatch, "bank.transfer", gate, pure=False, safe_to_retry=False)
    run = make_run(make_task(payload=TRANSFER))
    worker = make_worker(stop_grace=timedelta(milliseconds=50))
    threading.Thread(target=worker.drain, daemon=True).start()
    assert gate.begun.wait(10)

    worker.stop()
    assert state_of(run) == "queued"
    gate.finish.set()
    make_worker("another").drain()

    until(lambda: state_of(run) == "waiting")
    assert states_of(run)["pay"] == "unknown"


def test_a_timeout_in_a_worker_that_lives_is_not_retried(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(_given: object, _call: ToolCall) -> None:
        raise TimeoutError("no answer")

    with_tool(monkeypatch, "bank.transfer", late, pure=False, safe_to_retry=False)
    run = make_run(make_task(payload=TRANSFER, max_retries=3))
    make_worker().drain()

    until(lambda: state_of(run) == "waiting")
    run.refresh_from_db()
    assert (run.waiting_for, run.error["code"], run.failures) == ("decision", "timeout", 0)


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_call_that_was_not_made_is_not_in_doubt(when: str) -> None:
    run = held_run()

    class Stopping(Wanted):
        def write(self, move: queue.Move) -> bool:
            run.interrupt(Interruption.STOPPING)
            return super().write(move)

    wanted = Stopping()
    if when == "before":
        run.interrupt(Interruption.STOPPING)
    journal = journal_of(run, wanted)

    with pytest.raises(Interrupted):
        journal.begin(BEGUN)

    assert wanted.asides == 0
    states = [[(step.state, (step.error or {}).get("code")) for step in move.steps] for move in wanted.moves]
    assert states == ([[("begun", None)]] if when == "meanwhile" else [])
    assert [step.state for step in journal.unwritten()] == (["failed"] if when == "meanwhile" else [])


def test_the_log_keeps_what_each_write_recorded() -> None:
    run = begun()

    assert [[row[1] for row in each.steps] for each in StepLog.objects.filter(run=run)] == [["begun"]]
