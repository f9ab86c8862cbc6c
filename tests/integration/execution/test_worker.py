"""A worker takes what is due, does it, and leaves the truth in the database."""

import threading
from datetime import timedelta

import pytest

from pipelines import ToolCall
from tasks_app import queue
from tasks_app.models import Attempt, Run
from tests.integration.execution.conftest import until
from tests.integration.execution.work import MakeWorker, pipeline, state_of, with_tool
from tests.making import attempts_of, claim_one, events_of, expire, make_run, make_task, steps_of, the_step

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_due_run_is_carried_out_and_its_steps_recorded(make_worker: MakeWorker) -> None:
    task = make_task(
        payload={
            "params": {"city": "Chisinau"},
            "pipeline": [
                {"id": "say", "uses": "debug.echo", "with": {"text": "Hello ${params.city}"}, "save_as": "said"},
                {"id": "again", "uses": "debug.echo", "with": {"text": "${steps.said.text}!"}},
                {"id": "never", "uses": "noop", "if": "params.city == 'Paris'"},
            ],
        }
    )
    run = make_run(task)

    make_worker("me").drain()
    until(lambda: state_of(run) == "succeeded")

    assert [(step.step, step.state, step.output) for step in steps_of(run)] == [
        ("say", "succeeded", {"text": "Hello Chisinau"}),
        ("again", "succeeded", {"text": "Hello Chisinau!"}),
        ("never", "skipped", None),
    ]
    assert events_of(run)[-1] == "run.succeeded"
    assert attempts_of(run)[-1].worker == "me"


def test_params_given_with_the_run_overrule_the_tasks_own(make_worker: MakeWorker) -> None:
    task = make_task(
        payload={"params": {"n": 1}} | pipeline({"id": "a", "uses": "debug.echo", "with": {"n": "${params.n}"}})
    )
    run = make_run(task, input={"params": {"n": 2}})

    make_worker().drain()
    until(lambda: state_of(run) == "succeeded")

    assert the_step(run).output == {"n": 2}


def test_a_run_keeps_the_version_of_its_task_that_it_was_planned_with(make_worker: MakeWorker) -> None:
    task = make_task(payload=pipeline({"id": "a", "uses": "debug.echo", "with": {"v": 1}}))
    run = make_run(task)
    task.payload = pipeline({"id": "a", "uses": "debug.echo", "with": {"v": 2}})
    task.save()

    make_worker().drain()
    until(lambda: state_of(run) == "succeeded")

    assert the_step(run).output == {"v": 1}


def test_hundreds_of_runs_are_drained_each_once(make_worker: MakeWorker) -> None:
    task = make_task()
    runs = queue.enqueue(
        [queue.NewRun(task=task.pk, task_version=1, agent=task.created_by_id, priority=5, trigger="run_now")] * 700  # type: ignore[arg-type]
    )

    make_worker("a").drain()
    until(lambda: not Run.objects.unfinished().exists())

    assert Run.objects.filter(state="succeeded", attempt=1).count() == len(runs) == 700
    assert len(steps_of()) == 700


def test_a_worker_finds_due_runs_without_being_told(make_worker: MakeWorker) -> None:
    make_worker(poll=timedelta(milliseconds=20))
    run = make_run()

    until(lambda: state_of(run) == "succeeded")


def test_a_slow_run_does_not_hold_the_others_of_its_batch(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = threading.Event()
    with_tool(monkeypatch, "test.slow", lambda _given, _call: finish.wait(20), pure=False)
    slow = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.slow"})))
    quick = [make_run() for _ in range(5)]

    make_worker().drain()
    until(lambda: all(state_of(run) == "succeeded" for run in quick))

    assert state_of(slow) == "running"
    finish.set()
    until(lambda: state_of(slow) == "succeeded")


def test_a_busy_pure_step_does_not_hold_the_others_of_its_batch_either(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = threading.Event()
    with_tool(monkeypatch, "test.compute", lambda _given, _call: finish.wait(20), pure=True)
    slow = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.compute"})), priority=9)
    quick = make_run()

    make_worker().drain()
    until(lambda: state_of(quick) == "succeeded")

    assert state_of(slow) == "running"
    finish.set()


def test_what_finds_no_thread_within_a_second_is_handed_back(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = threading.Event()
    with_tool(monkeypatch, "test.slow", lambda _given, _call: finish.wait(20), pure=False)
    task = make_task(payload=pipeline({"id": "a", "uses": "test.slow"}))
    quick = [make_run() for _ in range(40)]
    make_worker(worker_threads=2, poll=timedelta(milliseconds=20))
    until(lambda: all(state_of(run) == "succeeded" for run in quick))

    slow = [make_run(task) for _ in range(6)]
    until(lambda: Run.objects.filter(pk__in=[run.pk for run in slow], state="running").count() == 2)
    until(lambda: Run.objects.filter(pk__in=[run.pk for run in slow], state="queued").count() == 4)
    assert Attempt.objects.filter(run__in=slow, outcome="handed_back").count() <= 4

    finish.set()
    until(lambda: all(state_of(run) == "succeeded" for run in slow))


def test_a_failing_run_is_retried_later_and_then_given_up(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(_given: object, _call: ToolCall) -> None:
        raise ConnectionError("refused")

    with_tool(monkeypatch, "test.broken", unreachable, pure=False)
    run = make_run(make_task(max_retries=1, payload=pipeline({"id": "a", "uses": "test.broken"})))
    worker = make_worker()

    worker.drain()
    until(lambda: state_of(run) == "waiting")
    Run.objects.update(run_at="2020-01-01T00:00:00Z")
    queue.promote(limit=10)
    worker.drain()
    until(lambda: state_of(run) == "failed")

    run.refresh_from_db()
    assert (run.failures, run.attempt, run.error["step"], run.error["error_class"]) == (1, 2, "a", "retryable")
    assert the_step(run).state == "failed"
    assert [attempt.outcome for attempt in attempts_of(run)] == ["retried", "failed"]


def test_a_step_that_was_recorded_is_not_done_again(make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    with_tool(
        monkeypatch,
        "test.count",
        lambda given, call: calls.append(call.idempotency_key) or {"n": len(calls)},
        pure=False,
    )
    payload = pipeline(
        {"id": "first", "uses": "test.count"},
        {"id": "sleep", "uses": "system.sleep", "with": {"seconds": 60}},
        {"id": "last", "uses": "debug.echo", "with": {"seen": "${steps.first.n}"}},
    )
    run = make_run(make_task(payload=payload))
    worker = make_worker()
    worker.drain()
    until(lambda: state_of(run) == "waiting")
    Run.objects.update(run_at="2020-01-01T00:00:00Z")
    queue.promote(limit=10)

    worker.drain()
    until(lambda: state_of(run) == "succeeded")

    assert len(calls) == 1
    assert steps_of(run)[-1].output == {"seen": 1}
    assert events_of(run).count("run.waiting") == 1


def test_a_long_sleep_holds_no_worker(make_worker: MakeWorker) -> None:
    run = make_run(make_task(payload=pipeline({"id": "a", "uses": "system.sleep", "with": {"seconds": 3600}})))

    make_worker().drain()
    until(lambda: state_of(run) == "waiting")

    run.refresh_from_db()
    assert (run.waiting_for, run.lease_until) == ("sleep", None)
    assert the_step(run).state == "waiting"


def test_a_run_that_takes_longer_than_its_timeout_times_out(make_worker: MakeWorker) -> None:
    payload = pipeline({"id": "a", "uses": "system.sleep", "with": {"seconds": 5}})
    run = make_run(make_task(timeout_seconds=1, payload=payload))

    make_worker().drain()
    until(lambda: state_of(run) == "timed_out")

    run.refresh_from_db()
    assert run.error["code"] == "run_timeout"


def test_a_run_that_was_canceled_meanwhile_writes_nothing_more(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, finish = threading.Event(), threading.Event()
    with_tool(monkeypatch, "test.slow", lambda _given, _call: begun.set() or finish.wait(20), pure=False)
    run = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.slow"})))
    bystander = make_run()
    worker = make_worker(heartbeat=timedelta(milliseconds=50))
    worker.drain()
    assert begun.wait(10)

    queue.cancel([run.pk], reason="enough")
    finish.set()
    until(lambda: state_of(bystander) == "succeeded")
    until(lambda: not worker._heartbeat.held())

    assert state_of(run) == "canceled"
    assert not steps_of(run)


def test_a_definition_that_no_longer_parses_fails_its_runs_and_no_others(make_worker: MakeWorker) -> None:
    broken = make_run(make_task(payload=pipeline({"id": "a", "uses": ["tool.gone"]})))
    sound = make_run()

    make_worker().drain()
    until(lambda: state_of(broken) == "failed" and state_of(sound) == "succeeded")

    broken.refresh_from_db()
    assert broken.error["code"] == "invalid_pipeline"


def test_a_lease_that_ended_while_the_worker_was_away_starts_no_further_effect(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, begun, finish = [], threading.Event(), threading.Event()

    def effect(_given: object, call: ToolCall) -> None:
        calls.append(call.step)
        begun.set()
        finish.wait(20)

    with_tool(monkeypatch, "test.effect", effect, pure=False)
    run = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.effect"}, {"id": "b", "uses": "test.effect"})))
    make_worker("slow").drain()
    assert begun.wait(10)
    run.refresh_from_db()
    expire(run.lease)
    queue.reap(limit=10)
    fresh = claim_one("fresh")

    finish.set()
    queue.apply(queue.succeed(fresh.lease))
    until(lambda: state_of(run) == "succeeded")

    assert calls == ["a"]
    assert not steps_of()
