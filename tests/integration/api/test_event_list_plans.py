"""How Postgres reads a page of the events of an agent: from the newest one backwards, and no further than the page needs."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from tasks_app.models import Agent
from tests.integration.api.making import client_of
from tests.making import make_agent

pytestmark = pytest.mark.django_db

EVENTS = 20_000
FILL = """
INSERT INTO tasks_outboxentry (aggregate_kind, aggregate_id, seq, agent, facts)
SELECT 'task', gen_random_uuid(), 1, %(agent)s,
       json_build_array(json_build_array((ARRAY['task.created', 'run.queued', 'run.failed'])[nth %% 3 + 1], '{}'::json))
  FROM generate_series(1, %(events)s) AS nth
"""
SOME = 2_000


@pytest.fixture(scope="module")
def agent(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Agent]:
    with django_db_blocker.unblock(), transaction.atomic():
        agent = make_agent(scopes=("events:read",))
        with connection.cursor() as cursor:
            cursor.execute(FILL, {"events": EVENTS, "agent": agent.pk})
            cursor.execute("ANALYZE tasks_outboxentry")
        yield agent
        transaction.set_rollback(True)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def plan_of(client: APIClient, query: str) -> list[dict[str, Any]]:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/api/v1/events?{query}").status_code == 200
    [reading] = [each["sql"] for each in asked.captured_queries if '"tasks_outboxentry"."facts"' in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {reading}")
        told = cursor.fetchone()[0]
    return list(nodes((told if isinstance(told, list) else json.loads(told))[0]["Plan"]))


@pytest.mark.parametrize(
    "query", ["limit=50", "type=run.failed", "type=task.*,run.failed", "type=run.*&type=task.created"]
)
def test_a_page_of_events_is_read_along_the_primary_key(agent: Agent, query: str) -> None:
    plan = plan_of(client_of(agent), query)

    read = [each for each in plan if each.get("Relation Name") == "tasks_outboxentry"]
    assert not [each for each in plan if each["Node Type"] in {"Seq Scan", "Sort", "Incremental Sort"}]
    assert sum(each["Actual Rows"] + each.get("Rows Removed by Filter", 0) for each in read) < SOME


def test_what_happened_to_one_aggregate_is_found_by_its_id(agent: Agent) -> None:
    plan = plan_of(client_of(agent), f"aggregate=task:{uuid4()}&type=task.*")

    [read] = [each for each in plan if each["Node Type"] in {"Index Scan", "Bitmap Index Scan"}]
    assert read["Index Name"] == "entry_order_in_aggregate"
