"""Which runs a claim takes, and the plan by which it finds them."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from tasks_app import queue, queue_sql
from tasks_app.models import Run
from tests.making import LEASE, make_run, make_task

pytestmark = pytest.mark.django_db


def test_beyond_floors_the_order_is_the_same_and_what_lies_before_is_left() -> None:
    task = make_task()
    before, at, after = (make_run(task) for _ in range(3))
    urgent, least = make_run(task, priority=9), make_run(task, priority=1)
    floors = [None, None, None, None, at.fair_at, None, None, None, None]

    claimed = queue.claim(worker="w", limit=10, lease=LEASE, floors=floors)

    assert [run.id for run in claimed] == [urgent.pk, at.pk, after.pk, least.pk]
    assert Run.objects.get(pk=before.pk).state == "queued"


def test_beyond_floors_no_more_are_claimed_than_asked_for() -> None:
    task = make_task()
    for priority in (1, 5, 9):
        for _ in range(4):
            make_run(task, priority=priority)

    claimed = queue.claim(worker="w", limit=6, lease=LEASE, floors=[None] * 9)

    assert [run.priority for run in claimed] == [9, 9, 9, 9, 5, 5]


@pytest.mark.parametrize("floors", [(), [None] * 9], ids=["whole", "beyond floors"])
def test_a_run_at_its_last_chance_is_claimed_alone_and_the_rest_stays_in_the_queue_untouched(
    floors: Sequence[datetime | None],
) -> None:
    task = make_task()
    bystander, first, second = (make_run(task) for _ in range(3))
    Run.objects.filter(pk__in=[first.pk, second.pk]).update(losses=2)

    claimed = [[run.id for run in queue.claim(worker="w", limit=10, lease=LEASE, floors=floors)] for _ in range(3)]

    assert claimed == [[first.pk], [second.pk], [bystander.pk]]
    assert Run.objects.filter(attempt=1, fence=1).count() == 3


@pytest.mark.parametrize("sql", [queue_sql.CLAIM, queue_sql.CLAIM_BEYOND], ids=["whole", "beyond floors"])
def test_a_claim_walks_along_its_index_and_sorts_no_backlog(sql: str) -> None:
    task = make_task()
    new = queue.NewRun(task=task.pk, task_version=1, agent=task.created_by_id, priority=5, trigger="run_now")  # type: ignore[arg-type]
    for _ in range(3):
        queue.enqueue([new] * 1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_run")
        asked = {"worker": "w", "limit": 100, "lease": LEASE, "floors": [None] * 9}
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", asked)
        answer = cursor.fetchone()[0]
    plan = (answer if isinstance(answer, list) else json.loads(answer))[0]["Plan"]
    [due] = [node for node in _nodes(plan) if node.get("Subplan Name") == "CTE due"]

    inside = list(_nodes(due))
    assert {node.get("Index Name") for node in inside if "Scan" in node["Node Type"]} <= {"run_claim_order", None}
    assert any(node.get("Index Name") == "run_claim_order" for node in inside)
    assert not [node for node in inside if node["Node Type"] in {"Sort", "Seq Scan", "Bitmap Heap Scan"}]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)
