"""A worker lets the next run in as soon as one has made room, and claims it."""

import time
from datetime import timedelta
from itertools import pairwise

import pytest

from tasks_app import queue
from tasks_app.events import wakeup
from tasks_app.execution import worker as worker_module
from tasks_app.models import Agent, Run, Task
from tests.integration.execution.conftest import until
from tests.integration.execution.work import Gate, MakeWorker, pipeline, state_of, with_tool
from tests.making import make_run, make_task

pytestmark = pytest.mark.django_db(transaction=True)

KEYED = {"concurrency_key": "printer"}
LIMITED: dict[str, object] = {}
IN_TURN = {"lane": "task:one", "takes_turn": True}


@pytest.fixture(autouse=True)
def _unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's own polling is far away, and no hint helps."""
    monkeypatch.setattr(wakeup, "send", lambda: None)


def echo() -> Task:
    return make_task(payload=pipeline({"id": "one", "uses": "debug.echo", "with": {"message": "hi"}}))


@pytest.mark.parametrize("rule", [IN_TURN, KEYED, LIMITED], ids=["lane", "key", "limit"])
def test_one_after_another_without_a_poll_in_between(rule: dict[str, object], make_worker: MakeWorker) -> None:
    task = echo()
    if rule is LIMITED:
        Agent.objects.update(max_running=1)
    for _ in range(10):
        make_run(task, **rule)
    began = time.monotonic()

    make_worker(poll=timedelta(seconds=30))

    until(lambda: Run.objects.filter(state="succeeded").count() == 10)
    assert time.monotonic() - began < 20
    ends = list(Run.objects.order_by("claimed_at").values_list("claimed_at", "finished_at"))
    assert all(end <= claim for (_, end), (claim, _) in pairwise(ends))


def test_a_run_that_sleeps_gives_its_place_to_another(make_worker: MakeWorker) -> None:
    sleeper = make_task(payload=pipeline({"id": "nap", "uses": "system.sleep", "with": {"seconds": 60}}))
    asleep = make_run(sleeper, **KEYED)
    other = make_task(created_by=sleeper.created_by, payload=echo().payload)
    next_one = make_run(other, **KEYED)

    make_worker(poll=timedelta(seconds=30))

    until(lambda: state_of(next_one) == "succeeded")
    assert state_of(asleep) == "waiting"


def test_a_run_that_sleeps_keeps_its_lane(make_worker: MakeWorker) -> None:
    sleeper = make_task(payload=pipeline({"id": "nap", "uses": "system.sleep", "with": {"seconds": 60}}))
    asleep = make_run(sleeper, **IN_TURN)
    next_one, bystander = make_run(echo(), **IN_TURN), make_run(echo())

    make_worker(poll=timedelta(seconds=30))

    until(lambda: state_of(bystander) == "succeeded" and state_of(asleep) == "waiting")
    assert Run.objects.get(pk=next_one.pk).waiting_for == "turn"


def test_a_worker_that_is_told_to_stop_wakes_another_for_those_it_lets_in(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, hints = Gate(), []
    with_tool(monkeypatch, "gate.wait", gate, pure=False)
    task = make_task(payload=pipeline({"id": "wait", "uses": "gate.wait", "with": {}}))
    make_run(task, **IN_TURN)
    next_one = make_run(task, **IN_TURN)
    stopping: list[bool] = []
    make_worker(stop_requested=lambda: bool(stopping))
    assert gate.begun.wait(10)
    monkeypatch.setattr(wakeup, "send", lambda: hints.append("hint"))

    stopping.append(True)
    gate.finish.set()

    until(lambda: state_of(next_one) == "queued" and hints)


def test_a_run_whose_end_cannot_be_stored_lets_the_next_one_in(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_run(echo(), **IN_TURN)
    next_one = make_run(echo(), **IN_TURN)
    move = queue.move

    def refuse(moves: list[queue.Move]) -> object:
        if any(each.lease.run_id == first.pk and each.state == "succeeded" for each in moves):
            raise ValueError("it cannot be stored")
        return move(moves)

    monkeypatch.setattr(queue, "move", refuse)
    make_worker(poll=timedelta(seconds=30))

    until(lambda: state_of(next_one) == "succeeded")
    assert state_of(first) == "failed"


def test_runs_without_lane_and_key_cost_no_question(make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(worker_module, "admit", asked.append)
    run = make_run(echo())

    make_worker()

    until(lambda: state_of(run) == "succeeded")
    assert asked == []
