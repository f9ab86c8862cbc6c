"""Agents whose runs are planned by several threads and processes at once each get their share."""

import threading
from collections import Counter
from uuid import UUID

import pytest
from django.db import connection

from tasks_app import queue
from tasks_app.fair_order import FairOrder
from tasks_app.models import Run, Task
from tasks_app.queue import NewRun
from tests.making import claim, make_task

pytestmark = pytest.mark.django_db(transaction=True)


def plan(order: FairOrder, task: Task, *, batches: int, size: int) -> None:
    """Runs of the task, by a process that has this order in mind."""
    rows = [NewRun(task=task.pk, task_version=1, agent=task.created_by_id, priority=5, trigger="run_now")] * size
    for _ in range(batches):
        places = order.places([(run.priority, run.agent, run.start) for run in rows])
        queued = queue.enqueue(rows)
        for run, place in zip(queued, places, strict=True):
            Run.objects.filter(pk=run).update(fair_at=place)


def at_once(*plans: tuple[FairOrder, Task, int, int]) -> None:
    ready = threading.Barrier(len(plans))

    def act(order: FairOrder, task: Task, batches: int, size: int) -> None:
        try:
            ready.wait(10)
            plan(order, task, batches=batches, size=size)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=each) for each in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def shares(*, claims: int) -> Counter[UUID]:
    return Counter(run.task for run in claim(limit=claims))


@pytest.mark.parametrize("processes", [1, 2])
def test_one_that_plans_ten_times_as_much_gets_no_more(processes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "fair_order", FairOrder())
    greedy, modest = make_task(), make_task()
    first = FairOrder()
    second = first if processes == 1 else FairOrder()

    at_once((first, greedy, 10, 100), (second, modest, 10, 20))

    claimed = shares(claims=200)
    assert claimed[greedy.pk] <= 2 * claimed[modest.pk]
    assert claimed[modest.pk] <= 2 * claimed[greedy.pk]


def test_one_whose_runs_two_processes_plan_gets_at_most_twice_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "fair_order", FairOrder())
    greedy, modest = make_task(), make_task()
    one, another = FairOrder(), FairOrder()

    at_once((one, greedy, 5, 100), (another, greedy, 5, 100), (one, modest, 5, 100))

    claimed = shares(claims=300)
    assert claimed[greedy.pk] <= 2 * claimed[modest.pk] + 15
    assert claimed[modest.pk] <= 2 * claimed[greedy.pk]


def test_no_two_runs_of_an_agent_get_one_place_from_threads_of_one_process() -> None:
    order, task = FairOrder(), make_task()
    places: list[object] = []

    def ask() -> None:
        try:
            for _ in range(20):
                places.extend(order.places([(5, task.created_by_id, None)] * 10))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(places) == len(set(places)) == 800
