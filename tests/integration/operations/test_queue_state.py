"""What an operator is told of the queue, and that being told is cheap however long it is."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from tasks_app import queue
from tasks_app.models import Run, Task
from tasks_app.models.clock import database_now
from tasks_app.queue import NewRun
from tasks_app.services import queue_state
from tasks_app.states import WaitingFor
from tests.making import claim, claim_one, expire, make_agent, make_run, make_task

pytestmark = pytest.mark.django_db


def due_for(run: Run, seconds: float) -> None:
    Run.objects.filter(pk=run.pk).update(run_at=database_now() - timedelta(seconds=seconds))


def ended(state: str, *, ago: timedelta) -> Run:
    run = make_run()
    queue.apply(queue.fail(claim_one().lease, error={"code": "x"}))
    Run.objects.filter(pk=run.pk).update(state=state, finished_at=database_now() - ago)
    return run


def test_an_empty_queue_is_told_as_one() -> None:
    state = queue_state.look()

    assert (state.levels, state.oldest_seconds, state.top_agents, state.waiting) == ([], 0.0, [], {})
    assert (state.leases.runs, state.leases.expired, state.leases.ends_in) == (0, 0, None)
    assert (state.lately, state.dead) == ({}, 0)
    assert state.depth == {"queued": 0, "running": 0, "waiting": 0}


def test_queued_runs_are_counted_by_priority_and_by_how_long_they_are_due() -> None:
    task = make_task()
    for seconds in (0, 30, 300, 1800, 7200, 7300):
        due_for(make_run(task), seconds)
    due_for(make_run(task, priority=9), 30)

    state = queue_state.look()

    assert [(level.priority, level.ages) for level in state.levels] == [(9, (0, 1, 0, 0, 0)), (5, (1, 1, 1, 1, 2))]
    assert 7300 <= state.oldest_seconds < 7400
    assert state.queued == 7


def test_the_agents_with_most_queued_runs_come_first() -> None:
    few, many = make_agent(), make_agent()
    make_run(make_task(created_by=few))
    task = make_task(created_by=many)
    for _ in range(3):
        make_run(task)

    assert queue_state.look().top_agents == [(many.name, 3), (few.name, 1)]


def test_waiting_runs_are_counted_by_what_they_wait_for() -> None:
    task = make_task()
    for _ in range(2):
        make_run(task)
        queue.apply(queue.park(claim_one().lease, delay=60))
    make_run(task)
    queue.apply(queue.retry(claim_one().lease, delay=60, error={"code": "x"}))
    for _ in range(3):
        make_run(task, lane="a", takes_turn=True)
        make_run(task, concurrency_key="k")

    assert queue_state.look().waiting == {"retry": 1, "sleep": 2, "turn": 6}


def test_every_reason_to_wait_is_counted() -> None:
    assert [reason for reason in WaitingFor if f"'{reason}'" not in queue_state.WAITING] == []


def test_leases_are_counted_with_those_that_are_over_and_the_first_to_end() -> None:
    task = make_task()
    make_run(task, priority=9)
    make_run(task)
    make_run(task)
    first, second, _ = claim()
    Run.objects.filter(pk=second.id).update(lease_until=F("lease_until") - timedelta(seconds=20))
    before = queue_state.look().leases
    expire(first.lease)
    after = queue_state.look().leases

    assert (dict(before.held), before.expired) == ({9: 1, 5: 2}, 0)
    assert before.ends_in is not None
    assert 5 < before.ends_in <= 10
    assert after.expired == 1
    assert after.ends_in is not None
    assert after.ends_in < 0


def test_bad_ends_of_the_last_day_are_counted_and_every_dead_run_that_is_kept() -> None:
    hour, days = timedelta(hours=1), timedelta(days=3)
    for state, ago in [("dead", hour), ("dead", days), ("failed", hour), ("timed_out", days), ("succeeded", hour)]:
        ended(state, ago=ago)

    state = queue_state.look()

    assert dict(state.lately) == {"dead": 1, "failed": 1}
    assert state.dead == 2


def test_a_long_queue_is_read_up_to_the_limit_and_said_to_be_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_state, "LOOKED_AT", 3)
    monkeypatch.setitem(queue_state.PARAMETERS, "most", 3)
    task = make_task()
    for _ in range(5):
        make_run(task)
    make_run(task, priority=1)

    levels = queue_state.look().levels

    assert [(level.priority, level.runs, level.is_least) for level in levels] == [(5, 3, True), (1, 1, False)]


def test_a_look_takes_six_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_run()

    with django_assert_num_queries(6):
        queue_state.look()


@pytest.fixture
def crowd() -> Task:
    """Thousands of runs of each kind, most of which have ended well."""
    task = make_task()
    plain = {"task": task.pk, "task_version": 1, "agent": task.created_by_id, "priority": 5, "trigger": "run_now"}
    kinds: list[dict[str, Any]] = [
        {},
        {"lane": "a", "takes_turn": True},
        {"concurrency_key": "printer"},
        {"start": database_now() + timedelta(hours=1)},
    ]
    for kind in kinds:
        queue.enqueue([NewRun(**plain, **kind)] * 500)
    queue.move([queue.fail(run.lease, error={}) for run in claim(limit=100)])
    claim(limit=50)
    moment = database_now()
    claimed = {"attempt": 1, "fence": 1, "worker": "w", "claimed_at": moment, "started_at": moment}
    Run.objects.bulk_create(
        Run(task=task, task_version=1, agent=task.created_by, state="succeeded", finished_at=moment, **claimed)
        for _ in range(4000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_run")
    return task


def plan_of(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", queue_state.PARAMETERS | {"most": 50})
        return "\n".join(row[0] for row in cursor.fetchall())


def test_every_statement_goes_along_its_indexes_and_reads_no_table(crowd: Task) -> None:
    plans = {
        plan_of(queue_state.QUEUED): {"run_claim_order"},
        plan_of(queue_state.WAITING): {"run_wakes", "run_lane_order", "run_key_order", "run_limit_order"},
        plan_of(queue_state.LEASES): {"run_leases"},
        plan_of(queue_state.LATELY): {"run_troubled"},
        plan_of(queue_state.DEAD): {"run_troubled"},
    }

    assert [(index, plan) for plan, indexes in plans.items() for index in indexes if index not in plan] == []
    assert [plan for plan in plans if "Seq Scan on tasks_run" in plan or "Bitmap Heap Scan" in plan] == []
