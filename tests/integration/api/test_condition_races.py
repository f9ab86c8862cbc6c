"""Two changes at once under one If-Match, each on a connection of its own: the later one is refused."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from tasks_app.models import Agent, Task
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tests.integration.api.making import client_of, make_task
from tests.making import make_agent

pytestmark = pytest.mark.django_db(transaction=True)
WAIT = 20


def change(agent: Agent, url: str, title: str, together: "threading.Barrier | None" = None) -> int:
    try:
        client = client_of(agent)
        if together:
            together.wait(WAIT)
        answer: Any = client.patch(url, {"title": title}, headers={"If-Match": '"1"'})
        return int(answer.status_code)
    finally:
        connection.close()


def test_of_two_changes_at_once_one_is_made_and_one_is_412() -> None:
    agent = make_agent(scopes=("tasks:update",))
    url = f"/api/v1/tasks/{make_task(agent).pk}"
    together = threading.Barrier(2)

    with ThreadPoolExecutor(2) as callers:
        asked = [callers.submit(change, agent, url, title, together) for title in ("a", "b")]
        statuses = sorted(each.result(WAIT) for each in asked)

    assert statuses == [200, 412]
    assert Task.objects.get().version == 2


def test_a_change_that_is_not_committed_yet_counts() -> None:
    agent = make_agent(scopes=("tasks:update",))
    task = make_task(agent)

    with ThreadPoolExecutor(1) as caller:
        with transaction.atomic():
            tasks.update_task(task, actor=SYSTEM, changes={"title": "first"})
            late = caller.submit(change, agent, f"/api/v1/tasks/{task.pk}", "late")
            with connection.cursor() as cursor:  # it has read version 1, and waits for the row
                while True:
                    cursor.execute("SELECT pg_stat_clear_snapshot()")
                    cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                    if cursor.fetchone()[0] or late.done():
                        break
        status = late.result(WAIT)

    assert status == 412
    assert Task.objects.get().title == "first"
