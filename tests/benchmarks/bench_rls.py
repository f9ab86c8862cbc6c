"""What would Postgres's row-level security cost as a second wall behind `owned_by`? Kept as the reason why there is none.

The same work in turns: found by the WHERE alone; and bound by a policy on `tasks_task` too (FORCE, with the agent in a setting).
The setting must not outlive its request on a connection that others use next, so it is LOCAL and needs a transaction.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from tasks_app.models import Agent, Task
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tests.integration.api.making import TASK, client_of
from tests.making import make_agent

ROUNDS, CREATED = 300, 60
WORTH_IT = 1.05
WALL = """
    CREATE ROLE rls_bench NOLOGIN;
    GRANT ALL ON ALL TABLES IN SCHEMA public TO rls_bench;
    GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO rls_bench;
    ALTER TABLE tasks_task ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON tasks_task TO rls_bench
        USING (created_by_id = nullif(current_setting('ordinaut.agent', true), '')::uuid);
"""
NO_WALL = """
    DROP POLICY own ON tasks_task;
    ALTER TABLE tasks_task DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
    DROP OWNED BY rls_bench;
    DROP ROLE rls_bench;
"""


@pytest.mark.django_db(transaction=True)
def test_what_row_level_security_would_cost(redis_emptied: None) -> None:
    agent = make_agent(scopes=("tasks:create", "tasks:read"))
    made = [tasks.create_task(agent, actor=SYSTEM, **TASK) for _ in range(100)]
    one, client = made[0].pk, client_of(agent)
    with _wall():
        assert _walled(agent, Task.objects.count) == 100
        assert Task.objects.count() == 0  # without the setting there is nothing: the wall stands
        ratios = {
            "get": _ratio(agent, lambda: Task.objects.owned_by(agent).get(pk=one), ROUNDS),
            "list 50": _ratio(agent, lambda: list(Task.objects.owned_by(agent).order_by("id")[:50]), ROUNDS),
            "create": _ratio(agent, lambda: tasks.create_task(agent, actor=SYSTEM, **TASK), CREATED),
            "GET /tasks/{id}": _ratio(agent, lambda: _asked(client, f"/api/v1/tasks/{one}"), ROUNDS),
            "GET /tasks?limit=50": _ratio(agent, lambda: _asked(client, "/api/v1/tasks?limit=50"), ROUNDS),
        }
    for name, (plain, walled) in ratios.items():
        print(f"\n{name}: {plain * 1000:.2f} ms, behind the wall {walled * 1000:.2f} ms: {walled / plain - 1:+.1%}")
    assert max(walled / plain for plain, walled in ratios.values()) > WORTH_IT, "it has become cheap: think again"


def _ratio(agent: Agent, work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Medians of the work without the wall and behind it, done in turns."""
    plain, walled = [], []
    for _ in range(rounds):
        _execute("RESET ROLE")  # not measured: a deployment has one role for its requests
        plain.append(_seconds(work))
        _execute("SET ROLE rls_bench")
        walled.append(_seconds(lambda: _walled(agent, work)))
    return median(plain), median(walled)


def _walled(agent: Agent, work: Callable[[], object]) -> object:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('ordinaut.agent', %s, true)", [str(agent.pk)])
        return work()


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _asked(client: APIClient, address: str) -> None:
    assert client.get(address).status_code == 200


@contextmanager
def _wall() -> Iterator[None]:
    _execute(WALL)
    _execute("SET ROLE rls_bench")
    try:
        yield
    finally:
        _execute("RESET ROLE")
        _execute(NO_WALL)


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
