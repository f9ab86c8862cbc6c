"""Steps of one run beside each other, in a real worker: their threads, their waits, and a worker that dies amid items."""

import threading
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from tasks_app import queue
from tasks_app.models import Agent, Run, StepLog
from tasks_app.services import decisions, events
from tasks_app.services.actor import SYSTEM, Actor
from tests.integration.execution.conftest import until
from tests.integration.execution.work import Gate, MakeWorker, pipeline, state_of, with_tool
from tests.making import claim_one, events_of, expire, make_run, make_task, steps_of, the_event

pytestmark = pytest.mark.django_db(transaction=True)

ANNA = Actor.of_user("anna")


def step(name: str, *after: str, uses: str = "test.tool", **given: Any) -> dict[str, Any]:
    return {"id": name, "uses": uses, "depends_on": list(after), "with": given}


def sleep(name: str, seconds: float) -> dict[str, Any]:
    return step(name, uses="system.sleep", seconds=seconds)


def ask(name: str, seconds: float) -> dict[str, Any]:
    return step(name, uses="orchestrator.request_approval", message="Go on?", timeout_seconds=seconds)


def hear(name: str, topic: str, seconds: float) -> dict[str, Any]:
    return step(name, uses="orchestrator.wait_for_event", topic=topic, timeout_seconds=seconds)


def run_of(*steps: dict[str, Any], **fields: Any) -> Run:
    return make_run(make_task(payload=pipeline(*steps), **fields))


def let_pass(seconds: float) -> None:
    """Let the runs that wait have waited so much longer."""
    past = timedelta(seconds=seconds)
    for run in Run.objects.filter(state="waiting"):
        Run.objects.filter(pk=run.pk).update(run_at=run.run_at - past)
    for row in StepLog.objects.all():
        StepLog.objects.filter(run_id=row.run_id, seq=row.seq).update(recorded_at=row.recorded_at - past)
    queue.promote(limit=10)


def said_of(run: Run) -> dict[str, str]:
    return {each.step: each.state for each in steps_of(run)}


class Slow:
    """A tool whose calls take so long, and which counts them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.calls: Counter[str] = Counter()
        self.threads: set[str] = set()
        with_tool(monkeypatch, "test.tool", self, pure=False)

    def __call__(self, _given: object, call: Any) -> dict[str, str]:
        self.calls[call.step] += 1
        self.threads.add(threading.current_thread().name)
        time.sleep(self.seconds)
        return {"key": call.idempotency_key}


def test_fifty_calls_of_a_run_take_hardly_longer_than_one(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(monkeypatch, seconds=0.1)
    run = run_of(*(step(f"s{n}") for n in range(50)))
    worker = make_worker()

    began = time.monotonic()
    worker.drain()
    until(lambda: state_of(run) == "succeeded")
    took = time.monotonic() - began

    assert set(slow.calls.values()) == {1}
    assert len(slow.calls) == 50
    assert took < 2.0, f"one after the other they take five seconds; beside each other they took {took:.2f}"
    assert set(said_of(run).values()) == {"succeeded"}
    assert events_of(run).count("run.step_succeeded") == 50


def test_other_runs_go_on_while_one_waits_for_its_hands(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    with_tool(monkeypatch, "test.tool", gate, pure=False)
    run = run_of(step("a"), step("b"), step("c", uses="noop"))
    other = run_of({"uses": "noop"})

    make_worker().drain()

    assert gate.begun.wait(10)
    until(lambda: state_of(other) == "succeeded")
    assert state_of(run) == "running"
    gate.finish.set()
    until(lambda: state_of(run) == "succeeded")


def test_a_run_that_is_canceled_stops_on_all_its_threads(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Semaphore(0), threading.Semaphore(0)

    def call(_given: object, call: Any) -> None:
        begun.release()
        try:
            call.wait(60)
        finally:
            ended.release()

    with_tool(monkeypatch, "test.tool", call, pure=False)
    run = run_of(*(step(f"s{n}") for n in range(4)), {"uses": "noop"}, timeout_seconds=90)
    worker = make_worker()
    threading.Thread(target=worker.drain, daemon=True).start()
    assert all(begun.acquire(timeout=10) for _ in range(4))

    queue.cancel([run.pk], reason="enough")

    assert all(ended.acquire(timeout=10) for _ in range(4))
    assert state_of(run) == "canceled"


def test_a_worker_that_stops_lets_the_calls_end_that_are_under_way(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gates = {"a": Gate(), "b": Gate()}
    called: Counter[str] = Counter()

    def call(given: object, call: Any) -> None:
        called[call.step] += 1
        if call.step in gates:
            gates[call.step](given, call)

    with_tool(monkeypatch, "test.tool", call, pure=False)
    run = run_of(step("a"), step("b"), step("after_a", "a"), step("after_b", "b"))
    first = make_worker("first", stop_grace=timedelta(seconds=20))
    threading.Thread(target=first.drain, daemon=True).start()
    assert all(gate.begun.wait(10) for gate in gates.values())

    stopping = threading.Thread(target=first.stop)
    stopping.start()
    until(lambda: all(held.stop_at_next_step for held in first._heartbeat.held()))
    gates["a"].finish.set()
    until(lambda: said_of(run).get("a") == "succeeded")
    gates["b"].finish.set()
    stopping.join(20)

    assert said_of(run) == {"a": "succeeded", "b": "succeeded"}
    assert state_of(run) == "queued"
    make_worker("second").drain()
    until(lambda: state_of(run) == "succeeded")
    assert called == {"a": 1, "b": 1, "after_a": 1, "after_b": 1}


def test_finished_items_are_not_done_again_after_a_worker_has_died(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(monkeypatch)
    body = [{"id": "send", "uses": "test.tool", "with": {"n": "${item}"}}, {"id": "told", "uses": "noop"}]
    items = {"items": list(range(6)), "body": body, "concurrency": 2}
    run = run_of({"id": "each", "uses": "pipeline.foreach", "with": items})
    lease = claim_one("killed").lease
    done = [queue.Step(f"each[{n}].send", "succeeded", "test.tool", {"n": n}, n, None, 1, "k") for n in (0, 1, 3)]
    queue.apply(queue.checkpoint(lease, steps=done))
    expire(lease)
    queue.reap(limit=10)

    make_worker().drain()

    until(lambda: state_of(run) == "succeeded")
    assert slow.calls == {"each[2].send": 1, "each[4].send": 1, "each[5].send": 1}
    assert steps_of(run)[-1].step == "each"
    assert steps_of(run)[-1].output == [{}] * 6


def test_a_long_sleep_is_not_over_with_a_short_one(make_worker: MakeWorker) -> None:
    run = run_of(sleep("long", 600), sleep("short", 60), step("next", "short", uses="noop"))
    worker = make_worker()
    worker.drain()
    until(lambda: state_of(run) == "waiting")
    waits = the_event("run.waiting", aggregate_id=run.pk).data
    assert (waits["step"], waits["waiting_for"], round(waits["delay_seconds"])) == ("short", "sleep", 60)
    assert said_of(run) == {"long": "waiting", "short": "waiting"}

    let_pass(61)
    worker.drain()

    until(lambda: state_of(run) == "waiting" and said_of(run)["short"] == "succeeded")
    assert said_of(run) == {"long": "waiting", "short": "succeeded", "next": "succeeded"}
    run.refresh_from_db()
    left = (run.run_at - StepLog.objects.filter(run=run).latest("recorded_at").recorded_at).total_seconds()
    assert 530 < left < 540

    let_pass(540)
    worker.drain()
    until(lambda: state_of(run) == "succeeded")


def test_an_approval_and_an_event_beside_each_other_are_each_heard(make_worker: MakeWorker) -> None:
    run = run_of(ask("ask", 3600), hear("hear", "orders.*", 600), step("end", "ask", "hear", uses="noop"))
    owner = Agent.objects.get(pk=run.agent_id)
    worker = make_worker()
    worker.drain()
    until(lambda: state_of(run) == "waiting")
    run.refresh_from_db()
    assert run.waiting_for == "event"

    events.publish(owner, "orders.paid", {"n": 1}, actor=SYSTEM)
    worker.drain()
    until(lambda: state_of(run) == "waiting" and said_of(run)["hear"] == "succeeded")
    run.refresh_from_db()
    assert run.waiting_for == "approval"

    decisions.approve(run, actor=ANNA)
    worker.drain()
    until(lambda: state_of(run) == "succeeded")


def test_of_two_approvals_the_one_that_is_named_is_given(make_worker: MakeWorker) -> None:
    run = run_of(ask("first", 600), ask("second", 3600), step("end", "first", "second", uses="noop"))
    worker = make_worker()
    worker.drain()
    until(lambda: state_of(run) == "waiting")

    decisions.approve(run, actor=ANNA, step="second")
    worker.drain()
    until(lambda: state_of(run) == "waiting" and said_of(run)["second"] == "succeeded")
    assert said_of(run)["first"] == "pending"
    decisions.approve(run, actor=ANNA)
    worker.drain()

    until(lambda: state_of(run) == "succeeded")


def test_who_does_not_approve_in_the_time_that_was_given_at_first_is_too_late(make_worker: MakeWorker) -> None:
    from tasks_app import waits

    run = run_of(ask("ask", 100), sleep("nap", 60), {"uses": "noop"}, max_retries=0)
    worker = make_worker()
    worker.drain()
    until(lambda: state_of(run) == "waiting")
    let_pass(61)
    worker.drain()
    until(lambda: state_of(run) == "waiting" and said_of(run)["nap"] == "succeeded")
    run.refresh_from_db()
    left = (run.run_at - StepLog.objects.filter(run=run).latest("recorded_at").recorded_at).total_seconds()
    assert (run.waiting_for, 30 < left < 40) == ("approval", True)

    let_pass(40)
    assert waits.expire(limit=10) == 1
    worker.drain()

    until(lambda: state_of(run) == "failed")
    run.refresh_from_db()
    assert run.error["code"] == "approval_timeout"
