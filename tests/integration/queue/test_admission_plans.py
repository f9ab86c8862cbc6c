"""However many runs wait, who goes on next is found by the indexes made for it."""

import re
from typing import Any

import pytest
from django.db import connection

from tasks_app import admission_sql, queue, queue_sql
from tasks_app.models import Agent, Task
from tasks_app.models.census import LAST
from tasks_app.queue import NewRun
from tests.making import make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def crowd() -> Task:
    """Many runs of one lane, many under one key, many that wait for nothing."""
    task = make_task()
    plain = {"task": task.pk, "task_version": 1, "agent": task.created_by_id, "priority": 5, "trigger": "run_now"}
    limited = make_task()
    Agent.objects.filter(pk=limited.created_by_id).update(max_running=3)
    kinds: list[dict[str, Any]] = [
        {},
        {"lane": "a", "takes_turn": True},
        {"concurrency_key": "printer", "concurrency_limit": 3},
        {"task": limited.pk, "agent": limited.created_by_id},
    ]
    for kind in kinds:
        for _ in range(3):
            queue.enqueue([NewRun(**(plain | kind))] * 1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_run")
    return task


def finding(sql: str, part: str, **parameters: object) -> str:
    """How that part of the statement is carried out which finds the rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    return plan[plan.index(part) : plan.index("LockRows")]


def test_the_next_of_a_lane_is_found_without_reading_or_sorting_them_all(crowd: Task) -> None:
    plan = finding(admission_sql.TAKE_TURNS, "CTE next", lanes=["a"])

    assert "run_lane_order" in plan
    assert "run_lane_taken" in plan
    assert not re.search("Seq Scan|Sort", plan)


def test_the_next_under_a_key_are_found_without_reading_or_sorting_them_all(crowd: Task) -> None:
    plan = finding(admission_sql.TAKE_PLACES, "CTE next", agents=[crowd.created_by_id], keys=["printer"])

    assert "run_key_order" in plan
    assert "run_key_taken" in plan
    assert not re.search("Seq Scan|Sort", plan)


def test_the_next_of_an_agent_at_its_limit_are_found_without_reading_or_sorting_them_all(crowd: Task) -> None:
    limited = Agent.objects.get(max_running=3).pk

    plan = finding(admission_sql.TAKE_LIMITED_PLACES, "CTE next", agents=[limited], most=1000)

    assert "run_limit_order" in plan
    assert "run_limit_taken" in plan
    assert not re.search("Seq Scan on tasks_run|Sort", plan)


def test_those_that_wait_for_their_turn_are_not_read_to_find_those_whose_time_has_come(crowd: Task) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {queue_sql.WAKES}", {"limit": 1000})
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "run_wakes" in plan
    assert not re.search("Seq Scan|Sort", plan)


def test_those_that_wait_for_a_time_far_ahead_are_not_read_to_find_those_whose_time_has_come(crowd: Task) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {queue_sql.WAKES}", {"limit": 1000})
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "Index Cond: (run_at <=" in plan


def test_room_that_was_overlooked_is_found_by_the_indexes(crowd: Task) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {admission_sql.OVERLOOKED}", {"limit": 1000})
        plan = "\n".join(row[0] for row in cursor.fetchall())

    used = set(re.findall(r"run_\w+", plan))
    assert {f"run_{kind}" for kind in ("lane_order", "lane_taken", "key_order", "key_taken")} <= used
    assert {"run_limit_order", "run_limit_taken"} <= used
    assert not re.search("Seq Scan on tasks_run|Sort", plan)


def test_those_that_are_not_counted_yet_are_found_a_batch_at_a_time_by_their_task(crowd: Task) -> None:
    plan = finding(admission_sql.COUNT_IN, "CTE looked_at", task=crowd.pk, before=LAST, most=100)

    assert re.search("Limit.*\n.*Index Scan using run_of_task", plan)
