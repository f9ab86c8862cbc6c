"""How Postgres reads a page of an agent that has very many tasks: along an index, a page's worth of rows, not all of them sorted."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from tests.integration.api.making import client_of, make_task
from tests.making import make_agent

pytestmark = pytest.mark.django_db

TASKS = 20_000  # a plan is the same for a hundred thousand, and takes a fifth of the time to get
FILL = """
INSERT INTO tasks_task (id, title, priority, status, schedule_kind, next_run_at, due_at, updated_at, {same})
SELECT (substr(id::text, 1, 8) || '-' || lpad(to_hex(nth / 65536), 4, '0') || '-7000-8000-' || lpad(to_hex(nth), 12, '0'))::uuid,
       'Task ' || nth, nth %% 9 + 1, (ARRAY['active', 'paused'])[nth %% 2 + 1], (ARRAY['interval', 'cron'])[nth %% 2 + 1],
       clock_timestamp() + nth * interval '1 s', clock_timestamp() + nth * interval '1 s',
       clock_timestamp() - (nth * 7919 %% %(tasks)s) * interval '1 s', {same}
  FROM tasks_task, generate_series(1, %(tasks)s) AS nth WHERE id = %(like)s
"""
DIFFERENT = {"id", "title", "priority", "status", "schedule_kind", "next_run_at", "due_at", "updated_at"}
SOME = 2_000  # rows that may be looked at for a page of fifty


@pytest.fixture(scope="module")
def client(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[APIClient]:
    with django_db_blocker.unblock(), transaction.atomic():
        agent = make_agent(scopes=("tasks:read",))
        task = make_task(agent)
        same = ", ".join(field.column for field in task._meta.concrete_fields if field.column not in DIFFERENT)
        with connection.cursor() as cursor:
            cursor.execute(FILL.format(same=same), {"tasks": TASKS, "like": task.pk})
            cursor.execute("ANALYZE tasks_task")
        yield client_of(agent)
        transaction.set_rollback(True)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Without those that find a task's last run: how they do it is another table's matter, which is empty here."""
    yield plan
    for inner in plan.get("Plans", ()):
        if inner["Parent Relationship"] != "SubPlan":
            yield from nodes(inner)


def plan_of(client: APIClient, query: str) -> list[dict[str, Any]]:
    """The nodes of the plan of the statement that reads the page, as it was carried out."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/api/v1/tasks?{query}").status_code == 200
    [reading] = [each["sql"] for each in asked.captured_queries if each["sql"].startswith('SELECT "tasks_task"')]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {reading}")
        told = cursor.fetchone()[0]
    return list(nodes((told if isinstance(told, list) else json.loads(told))[0]["Plan"]))


def rows_read(plan: list[dict[str, Any]]) -> float:
    """Of tasks, those that a filter refused among them."""
    return sum(
        (each["Actual Rows"] + each.get("Rows Removed by Filter", 0)) * each["Actual Loops"]
        for each in plan
        if each.get("Relation Name") == "tasks_task"
    )


@pytest.mark.parametrize(
    "query",
    [
        "limit=50",
        "ordering=id",
        "ordering=next_run_at",
        "ordering=updated_at",
        "ordering=-updated_at",
        "status=paused",
        "schedule_kind=cron",
        "priority=9",
        "status=active&ordering=next_run_at",
        "title=task",
    ],
)
def test_a_page_is_read_along_an_index(client: APIClient, query: str) -> None:
    following = client.get(f"/api/v1/tasks?{query}").json()["next"].partition("?")[2]

    for asked in (query, following):
        plan = plan_of(client, asked)
        assert not [each for each in plan if each["Node Type"] in {"Seq Scan", "Sort", "Incremental Sort"}], asked
        assert rows_read(plan) < SOME, asked


@pytest.mark.parametrize("ordering", ["title", "-priority", "-created_at", "-next_run_at"])
def test_an_order_without_an_index_keeps_no_more_than_a_page_while_it_sorts(client: APIClient, ordering: str) -> None:
    """An index for each would be written by every tick of every task."""
    [sort] = [each for each in plan_of(client, f"ordering={ordering}") if "Sort Method" in each]

    assert sort["Sort Method"] == "top-N heapsort"
