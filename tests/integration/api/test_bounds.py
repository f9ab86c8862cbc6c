"""How much of something an agent may have, and how often it may ask for much at once."""

from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tasks_app.models import Agent, Task
from tasks_app.services import task_bounds
from tests.integration.api.making import TASK, make_task

TASKS = "/api/v1/tasks"
DRAFT = {"schedule_kind": "interval", "schedule_expr": "PT1H"}


def bounded(**bounds: Any) -> Any:
    return override_settings(ORDINAUT=replace(settings.ORDINAUT, **bounds))


def test_one_task_too_many_is_refused_until_one_is_deleted(
    as_alice: APIClient, as_bob: APIClient, alice: Agent
) -> None:
    with bounded(tasks_per_agent=2):
        first, _ = make_task(alice), make_task(alice)
        refused = as_alice.post(TASKS, TASK)
        of_another = as_bob.post(TASKS, TASK)
        as_alice.delete(f"{TASKS}/{first.pk}")
        after = as_alice.post(TASKS, TASK)

    assert (refused.status_code, refused.json()["code"]) == (409, "limit_reached")
    assert "has 2 tasks, and may have 2: delete some" in refused.json()["detail"]
    assert (of_another.status_code, after.status_code) == (201, 201)


def test_many_at_once_are_counted_before_any_is_made(as_alice: APIClient) -> None:
    with bounded(tasks_per_agent=2):
        refused = as_alice.post(f"{TASKS}/bulk", {"tasks": [TASK] * 3})
        taken = as_alice.post(f"{TASKS}/bulk", {"tasks": [TASK] * 2})

    assert (refused.status_code, taken.status_code) == (409, 201)
    assert Task.objects.count() == 2


def test_an_agent_that_is_far_from_the_bound_is_not_counted_each_time(alice: Agent) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            make_task(alice)
        return sum("COUNT(" in query["sql"] for query in queries.captured_queries)

    with bounded(tasks_per_agent=10):
        assert [counted() for _ in range(10)] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]


def test_what_is_remembered_of_agents_does_not_grow_for_ever(
    alice: Agent, bob: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_bounds, "_MOST_REMEMBERED", 0)
    monkeypatch.setattr(task_bounds, "_seen", {})
    for agent in (alice, bob):
        make_task(agent)

    assert list(task_bounds._seen) == [bob.pk]


def test_one_calendar_too_many_is_refused(as_alice: APIClient) -> None:
    def make(name: str) -> Any:
        return as_alice.post("/api/v1/calendars", {"name": name, "definition": {"weekends": True}})

    with bounded(calendars_per_agent=1):
        made, refused = make("one"), make("two")

    assert (made.status_code, refused.status_code, refused.json()["code"]) == (201, 409, "limit_reached")
    assert "ORDINAUT_CALENDARS_PER_AGENT" in refused.json()["detail"]


def test_bulk_is_asked_for_as_often_as_what_else_takes_long(as_alice: APIClient) -> None:
    with bounded(api_limits={**settings.ORDINAUT.api_limits, "costly": 2}):
        statuses = [
            as_alice.post(f"{TASKS}/bulk", {"tasks": [TASK]}).status_code,
            as_alice.post("/api/v1/schedules/preview", DRAFT).status_code,
            as_alice.post(f"{TASKS}/bulk/pause", {"ids": [str(Task.objects.get().pk)]}).status_code,
            as_alice.post(TASKS, TASK).status_code,
        ]

    assert statuses == [201, 200, 429, 201]
