"""What a call under a key came to stands for further calls under it, over runs and workers, as long as its step says."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tasks_app import queue
from tasks_app.destinations.guard import Guard
from tasks_app.destinations.rules import Rules
from tasks_app.exceptions import LeaseLost
from tasks_app.execution.journal import RunJournal
from tasks_app.maintenance import prune
from tasks_app.models import RememberedStep, Run
from tests.integration.execution.conftest import until
from tests.integration.execution.test_journal import Wanted, held_run, journal_of, record
from tests.integration.execution.work import MakeWorker, pipeline, state_of, with_tool
from tests.making import claim_one, expire, make_agent, make_run, make_task, steps_of

pytestmark = pytest.mark.django_db(transaction=True)


class Service:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        with_tool(monkeypatch, "test.service", self, pure=False)

    def __call__(self, _given: object, call: Any) -> dict[str, int]:
        self.calls.append(call.idempotency_key)
        return {"n": len(self.calls)}


def run_under(key: str, *, seconds: int = 60, **fields: Any) -> Run:
    step = {"id": "a", "uses": "test.service", "idempotency_key": key, "idempotency_ttl_seconds": seconds}
    return make_run(make_task(payload=pipeline(step), **fields))


def test_a_run_takes_what_another_came_to_and_no_other_agent_does(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(monkeypatch)
    anna, bert = make_agent(), make_agent()
    worker = make_worker()
    outputs = []
    for agent, key in ((anna, "k"), (anna, "k"), (anna, "other"), (bert, "k")):
        run = run_under(key, created_by=agent)
        worker.drain()
        until(lambda run=run: state_of(run) == "succeeded")
        outputs.append(steps_of(run)[0].output)

    assert outputs == [{"n": 1}, {"n": 1}, {"n": 2}, {"n": 3}]
    assert service.calls == ["k", "other", "k"]


def test_when_its_time_is_over_the_call_is_made_and_remembered_anew(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(monkeypatch)
    agent, worker = make_agent(), make_worker()
    for _ in range(2):
        run = run_under("k", created_by=agent)
        worker.drain()
        until(lambda run=run: state_of(run) == "succeeded")
        RememberedStep.objects.update(kept_until=timezone.now() - timedelta(seconds=1))

    assert service.calls == ["k", "k"]
    assert [each.output for each in RememberedStep.objects.all()] == [{"n": 2}]
    assert prune.run_once()["remembered"] == 1
    assert not RememberedStep.objects.exists()


def test_a_worker_that_lost_its_lease_leaves_nothing_to_remember() -> None:
    make_run(make_task())
    lease = claim_one("slow").lease
    expire(lease)
    queue.reap(limit=10)
    claim_one("fast")
    kept = queue.Remembered(make_agent().pk, "test.service", "k", 1, 60)

    with pytest.raises(LeaseLost):
        queue.apply(
            queue.checkpoint(lease, steps=[queue.Step("a", "succeeded", "t", {}, 1, None, 1, "k")], remember=[kept])
        )

    assert not RememberedStep.objects.exists()


def test_of_two_that_are_written_at_once_the_last_one_stands() -> None:
    make_run(make_task())
    lease, agent = claim_one().lease, make_agent().pk
    steps = [queue.Step(name, "succeeded", "t", {}, 1, None, 1, "k") for name in "ab"]
    kept = [queue.Remembered(agent, "t", "k", output, 60) for output in ({"n": 1}, None)]

    queue.apply(queue.checkpoint(lease, steps=steps, remember=kept))

    assert [each.output for each in RememberedStep.objects.all()] == [None]


def test_where_nobody_can_be_asked_the_step_fails_for_a_while() -> None:
    from pipelines import StepFailed

    wanted = Wanted()
    asleep = Guard(Rules())  # nobody has started it
    journal = RunJournal(held_run(), write=wanted.write, step_aside=wanted.step_aside, guard=asleep)

    with pytest.raises(StepFailed) as refused:
        journal.remembered("t", "k")
    assert (refused.value.error.error_class, refused.value.error.code) == ("retryable", "database_unavailable")


def test_it_is_written_with_the_record() -> None:
    wanted = Wanted()
    journal = journal_of(held_run(), wanted)

    journal.remember(record("a"), seconds=60)

    [move] = wanted.moves
    assert [step.step for step in move.steps] == ["a"]
    assert [(each.tool, each.seconds) for each in move.remember] == [("noop", 60)]
