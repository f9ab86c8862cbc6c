"""Whose turn it is in the queue: priority first, and within one the agents in turns."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.models import F

from tasks_app import admission, queue
from tasks_app import fair_order as module
from tasks_app.admission import Openings
from tasks_app.fair_order import FairOrder
from tasks_app.models import Run, Task
from tasks_app.models.clock import database_now
from tasks_app.queue import NewRun
from tests.making import claim, claim_one, make_run, make_task

pytestmark = pytest.mark.django_db

ERROR = {"error_class": "retryable", "code": "busy", "message": "Busy."}


@pytest.fixture(autouse=True)
def _another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What earlier tests enqueued is not remembered."""
    monkeypatch.setattr(queue, "fair_order", FairOrder())


def look_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a process does every second."""
    monkeypatch.setattr(module, "_LOOK_EVERY", 0.0)


def enqueue(task: Task, runs: int, **fields: Any) -> list[UUID]:
    values: dict[str, Any] = {"priority": 5, "trigger": "run_now"} | fields
    return queue.enqueue([NewRun(task=task.pk, task_version=1, agent=task.created_by_id, **values)] * runs)


def owners(runs: Sequence[queue.ClaimedRun]) -> Counter[UUID]:
    return Counter(run.task for run in runs)


def test_few_runs_of_one_agent_are_not_kept_waiting_by_the_thousands_of_another() -> None:
    many, few = make_task(), make_task()
    enqueue(many, 5000)
    claim(limit=10)
    enqueue(few, 50)

    assert owners(claim(limit=110))[few.pk] == 50


def test_nor_when_they_come_from_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    many, few = make_task(), make_task()
    enqueue(many, 5000)
    monkeypatch.setattr(queue, "fair_order", FairOrder())
    enqueue(few, 50)

    assert owners(claim(limit=110))[few.pk] == 50


def test_two_equal_backlogs_are_claimed_in_equal_parts() -> None:
    first, second = make_task(), make_task()
    enqueue(first, 1000)
    enqueue(second, 1000)

    for _ in range(5):
        claimed = owners(claim(limit=100))
        assert abs(claimed[first.pk] - claimed[second.pk]) <= 10


def test_priority_comes_before_fairness() -> None:
    greedy, modest = make_task(), make_task()
    enqueue(greedy, 100, priority=6)
    enqueue(modest, 5, priority=5)

    assert owners(claim(limit=100)) == {greedy.pk: 100}
    assert owners(claim(limit=100)) == {modest.pk: 5}


def test_an_empty_queue_forgives_the_past(monkeypatch: pytest.MonkeyPatch) -> None:
    look_again(monkeypatch)
    greedy, modest = make_task(), make_task()
    enqueue(greedy, 1000)
    claim(limit=1000)

    first = enqueue(greedy, 1)
    enqueue(modest, 1)

    assert claim_one().id == first[0]


@pytest.mark.parametrize("hours", [-3, 3])
def test_newcomers_begin_where_the_queue_is_wherever_that_is(hours: int, monkeypatch: pytest.MonkeyPatch) -> None:
    many, few = make_task(), make_task()
    enqueue(many, 100)
    backdate(hours=-hours)
    monkeypatch.setattr(queue, "fair_order", FairOrder())
    enqueue(few, 10)

    assert owners(claim(limit=30))[few.pk] == 10


def test_an_instant_that_was_due_later_than_the_queue_is_long_does_not_wait_for_the_backlog(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Places under a backlog lie in the past; a run of the schedule must not be put behind them for its instant's sake."""
    many, few = make_task(), make_task()
    enqueue(many, 1000)
    backdate(hours=1)
    monkeypatch.setattr(queue, "fair_order", FairOrder())
    now = database_now()
    for second in range(5):
        make_run(few, scheduled_for=now - timedelta(seconds=second), start=now - timedelta(seconds=second))

    assert owners(claim(limit=15))[few.pk] == 5


@pytest.mark.parametrize("way", ["retry", "start", "turn", "place"])
def test_a_run_whose_wait_is_over_neither_waits_for_the_backlog_nor_goes_before_all_of_it(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_again(monkeypatch)
    few, many = make_task(), make_task()
    waiting_for_room(few, way)
    enqueue(many, 1000)
    backdate(hours=1)
    monkeypatch.setattr(queue, "fair_order", FairOrder())

    go_on(few, way)

    claimed = owners(claim(limit=20))
    assert 5 <= claimed[few.pk] <= 11


def waiting_for_room(task: Task, way: str) -> None:
    if way == "retry":
        enqueue(task, 20)
        for run in claim(limit=20):
            queue.apply(queue.retry(run.lease, delay=-1, error=ERROR))
    elif way == "start":
        enqueue(task, 20, start=database_now() + timedelta(hours=1))
        Run.objects.update(run_at=database_now())
    else:
        rule = {"takes_turn": True} if way == "turn" else {}
        for number in range(20):
            name = f"{way} {number}"
            enqueue(task, 1, **(rule | {"lane": name} if way == "turn" else {"concurrency_key": name}))


def go_on(task: Task, way: str) -> None:
    if way in {"retry", "start"}:
        assert queue.promote(limit=100) == 20
        return
    names = [f"{way} {number}" for number in range(20)]
    lanes = (
        Openings(lanes=set(names)) if way == "turn" else Openings(keys={(task.created_by_id, name) for name in names})
    )
    assert admission.admit(lanes) == 20


def backdate(*, hours: int) -> None:
    """As a queue that has been behind for hours."""
    Run.objects.update(fair_at=F("fair_at") - timedelta(hours=hours))


def test_what_is_promoted_second_by_second_takes_turns_with_a_backlog(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were each round put at the front, two hundred a second would leave the other agent nothing."""
    look_again(monkeypatch)
    waiting, backlog = make_task(), make_task()
    enqueue(waiting, 600, start=database_now() + timedelta(hours=1))
    enqueue(backlog, 600)
    claimed: Counter[UUID] = Counter()

    for _ in range(3):
        wake = Run.objects.filter(state="waiting").values("pk")[:200]
        Run.objects.filter(pk__in=list(wake.values_list("pk", flat=True))).update(run_at=database_now())
        assert queue.promote(limit=1000) == 200
        claimed += owners(claim(limit=100))

    assert abs(claimed[waiting.pk] - claimed[backlog.pk]) <= 30


def test_a_run_that_is_handed_back_keeps_its_place() -> None:
    task, other = make_task(), make_task()
    enqueue(task, 3)
    first = claim_one()
    enqueue(other, 100)

    queue.apply(queue.release(first.lease))

    assert claim_one().id == first.id
