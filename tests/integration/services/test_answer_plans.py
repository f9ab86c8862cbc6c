"""Who answers to what happens is found by an index made for it, however many tasks there are."""

import pytest
from django.db import connection

from schedules.topics import Topic
from tasks_app.models import Agent, Task
from tasks_app.models.clock import database_now
from tasks_app.services import events
from tests.making import make_agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Agent:
    """The agent of two thousand tasks that listen, each to a topic of its own, and of as many that are scheduled."""
    owner, now = make_agent(), database_now()
    rows = [
        Task(
            title="A task",
            created_by=owner,
            schedule_kind=kind,
            schedule_expr=expr,
            timezone="UTC",
            dtstart="2026-01-01T00:00:00",
            payload={},
            due_at=due_at,
        )
        for number in range(2000)
        for kind, expr, due_at in (("event", f"orders.n{number}", None), ("cron", "0 9 * * *", now))
    ]
    Task.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_task")
    return owner


@pytest.mark.parametrize("scopes", [(), ("admin",)])
def test_the_tasks_that_listen_are_looked_up_by_their_patterns(owner: Agent, scopes: list[str]) -> None:
    owner.scopes = scopes
    listening = events.listeners(owner).filter(schedule_expr__in=Topic("orders.eu.paid").patterns)

    assert "task_listens" in listening.order_by("id").explain()


def test_the_conditions_that_are_due_are_read_in_their_order(owner: Agent) -> None:
    plan = Task.objects.to_be_looked_at()[:16].explain()

    assert "task_watch_order" in plan
    assert "Sort" not in plan
