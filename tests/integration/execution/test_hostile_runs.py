"""One run that is odd, broken or malicious harms no other run of its process."""

from typing import Any

import pytest
from django.db import DataError, connection
from django.db.models import Model

from pipelines import ErrorClass, Park, StepError, ToolCall, ToolFailure
from tasks_app import queue
from tasks_app.execution.board import Obituary, Slot
from tasks_app.models import Run, TaskDefinition
from tests.integration.execution.conftest import until
from tests.integration.execution.work import Gate, MakeWorker, pipeline, state_of, with_tool
from tests.making import claim, events_of, make_run, make_task, step, steps_of, the_step

pytestmark = pytest.mark.django_db(transaction=True)


def raising(error: BaseException) -> Any:
    def call(_given: object, _call: ToolCall) -> None:
        raise error

    return call


UNFIT_ERRORS = {
    "a NUL in the message": ValueError("odd \0 text"),
    "half a surrogate pair in the message": ValueError("odd \ud800 text"),
    "ten million characters": ToolFailure(StepError(ErrorClass.PERMANENT, "x" * 10_000_000, "y" * 10_000_000)),
    "a code that is no JSON": ToolFailure(StepError(ErrorClass.PERMANENT, object(), "odd")),  # type: ignore[arg-type]
    "an output that is no JSON, while it waits": Park(60, output={"odd": object()}),
    "a wait without end": Park(float("inf")),
    "an exit": SystemExit(1),
    "a keyboard's interrupt": KeyboardInterrupt(),
    "a recursion": RecursionError("too deep"),
}


@pytest.mark.parametrize("pure", [True, False], ids=["pure", "effect"])
@pytest.mark.parametrize("error", UNFIT_ERRORS.values(), ids=UNFIT_ERRORS)
def test_whatever_a_tool_raises_ends_its_own_run_and_no_other(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch, error: BaseException, pure: bool
) -> None:
    with_tool(monkeypatch, "test.odd", raising(error), pure=pure)
    odd = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.odd"}), max_retries=0))
    others = [make_run() for _ in range(3)]
    worker = make_worker(worker_threads=1)

    worker.drain()
    until(lambda: all(state_of(run) == "succeeded" for run in others))
    until(lambda: state_of(odd) == "failed")
    until(lambda: not worker._heartbeat.held())

    odd.refresh_from_db()
    assert odd.error["error_class"] in {"permanent", "retryable"}
    assert events_of(odd)[-1] == "run.failed"
    assert len(str(odd.error)) < 10_000
    after = make_run()
    worker.drain()
    until(lambda: state_of(after) == "succeeded")


def test_an_output_that_cannot_be_stored_fails_its_step_and_names_it(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_tool(monkeypatch, "test.odd", lambda _given, _call: {"text": "\0"}, pure=False)
    odd = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.odd"})))

    make_worker().drain()
    until(lambda: state_of(odd) == "failed")

    assert the_step(odd).error["code"] == "invalid_output"


@pytest.mark.parametrize(
    "damage",
    [
        lambda task: TaskDefinition.objects.filter(task=task).update(timezone="Mars/Olympus_Mons"),
        lambda task: TaskDefinition.objects.filter(task=task).update(backoff_strategy="hope"),
        lambda task: TaskDefinition.objects.filter(task=task).update(payload=[]),
        lambda task: store("UPDATE tasks_taskdefinition SET payload = %s WHERE task_id = %s", '{"a": 1e5000}', task),
        lambda task: TaskDefinition.objects.filter(task=task).delete(),
    ],
    ids=["zone abolished", "strategy unknown", "payload no pipeline", "payload not to be read", "definition gone"],
)
def test_a_definition_that_makes_no_sense_fails_its_runs_and_no_others(make_worker: MakeWorker, damage: Any) -> None:
    task = make_task()
    broken, sound = make_run(task), make_run()
    damage(task)
    worker = make_worker()

    worker.drain()
    until(lambda: (state_of(broken), state_of(sound)) == ("failed", "succeeded"))

    broken.refresh_from_db()
    assert broken.error["code"] == "invalid_pipeline"
    assert Run.objects.filter(losses=0).count() == 2


@pytest.mark.parametrize("given", ['{"params": 1e400}', "[" * 2000 + "]" * 2000], ids=["number", "depth"])
def test_a_run_whose_input_cannot_be_read_fails_and_those_claimed_with_it_go_on(
    make_worker: MakeWorker, given: str
) -> None:
    unreadable, sound = make_run(), make_run()
    store("UPDATE tasks_run SET input = %s WHERE id = %s", given, unreadable)

    make_worker().drain()
    until(lambda: (state_of(unreadable), state_of(sound)) == ("failed", "succeeded"))

    [error] = Run.objects.filter(pk=unreadable.pk).values_list("error", flat=True)
    assert error["code"] == "unreadable_input"
    assert "Plan a new run" in error["message"]
    assert events_of(unreadable) == ["run.queued", "run.started", "run.failed"]
    assert Run.objects.filter(attempt=1, losses=0).count() == 2


@pytest.mark.parametrize("log", ['[["one", 1e5000]]', '[["one"]]', "7"], ids=["number", "too few fields", "no list"])
def test_a_run_whose_recorded_steps_cannot_be_read_fails_and_those_claimed_with_it_go_on(
    make_worker: MakeWorker, log: str
) -> None:
    runs = [make_run() for _ in range(3)]
    queue.move([queue.release(claimed.lease, steps=[step("other")]) for claimed in claim()])
    store("UPDATE tasks_steplog SET steps = %s WHERE run_id = %s", log, runs[1])

    make_worker().drain()
    until(lambda: [state_of(run) for run in runs] == ["succeeded", "failed", "succeeded"])

    [error] = Run.objects.filter(pk=runs[1].pk).values_list("error", flat=True)
    assert error["code"] == "unreadable_steps"
    assert Run.objects.filter(attempt=2, losses=0).count() == 3


@pytest.mark.parametrize("fault", [DataError("odd"), RuntimeError("a fault of ours")])
def test_a_worker_whose_predecessor_cannot_be_buried_works_all_the_same(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    dead, asked = Obituary("dead", 1, (), 0.0), []
    monkeypatch.setattr(Slot, "take", lambda _self, _worker, **_: dead)
    monkeypatch.setattr(queue, "bury", lambda **who: asked.append(who["worker"]) or raising(fault)(None, None))
    run = make_run()

    make_worker().drain()
    until(lambda: state_of(run) == "succeeded")

    assert asked == ["dead"]


def store(sql: str, value: str, of: Model) -> None:
    """Past everything that checks it: as another program would, or an older version of this one."""
    with connection.cursor() as cursor:
        cursor.execute(sql, [value, of.pk])


def test_a_move_that_cannot_be_stored_holds_no_other_back(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever slips through: the run that it belongs to fails, its batch is written."""
    gate = Gate()
    with_tool(monkeypatch, "test.gate", gate, pure=False)
    odd = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.gate"})))
    worker = make_worker()
    worker.drain()
    assert gate.begun.wait(10)
    monkeypatch.setattr("tasks_app.execution.journal._as_step", lambda record: _broken_step())

    gate.finish.set()
    until(lambda: state_of(odd) == "failed")

    monkeypatch.undo()
    odd.refresh_from_db()
    assert odd.error["code"] == "not_storable"
    after = make_run()
    worker.drain()
    until(lambda: state_of(after) == "succeeded")


def _broken_step() -> queue.Step:
    return queue.Step(
        step="a", state="succeeded", tool="noop", input=None, output="\0", error=None,
        duration_ms=1, idempotency_key="",
    )  # fmt: skip


def test_a_run_that_ignores_its_timeout_ends_by_it_nevertheless(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    with_tool(monkeypatch, "test.deaf", gate, pure=False)
    monkeypatch.setattr("tasks_app.execution.lookout.DEAF_AFTER", 0.1)
    deaf = make_run(make_task(payload=pipeline({"id": "a", "uses": "test.deaf"}), timeout_seconds=1))
    worker = make_worker(worker_threads=2)

    worker.drain()
    until(lambda: state_of(deaf) == "timed_out")

    assert worker._intake.in_flight == 1, "its thread is not free"
    gate.finish.set()
    until(lambda: worker._intake.in_flight == 0)
    deaf.refresh_from_db()
    assert (deaf.state, deaf.error["code"]) == ("timed_out", "run_timeout")
    assert not steps_of()
