"""`/tasks/{id}/stats`: counts, the rate of success and durations, by one statement."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from tasks_app import queue
from tasks_app.models import Agent, Run, Task
from tasks_app.models.clock import database_now
from tasks_app.models.ids import oldest_id
from tasks_app.queue import NewRun
from tasks_app.services import task_stats
from tasks_app.states import Trigger
from tests.integration.api.making import client_of, make_task
from tests.making import make_agent, make_run

NOTHING = dict.fromkeys(("queued", "running", "waiting", "succeeded", "failed", "timed_out", "canceled", "dead"), 0)


def url(task: Task) -> str:
    return f"/api/v1/tasks/{task.pk}/stats"


def ended(task: Task, state: str, seconds: float = 1, *, simulated: bool = False, ago: timedelta | None = None) -> None:
    run = make_run(task)
    end = datetime(2026, 1, 1, 12, tzinfo=UTC)
    pk = oldest_id(database_now() - ago) if ago else run.pk
    Run.objects.filter(pk=run.pk).update(
        id=pk,
        state=state,
        simulated=simulated,
        attempt=1,
        fence=1,
        worker="w",
        claimed_at=end,
        started_at=end - timedelta(seconds=seconds),
        finished_at=end,
    )


def asked(client: APIClient, task: Task, **window: Any) -> dict[str, Any]:
    answer = client.get(url(task), window)
    assert answer.status_code == 200, answer.json()
    found: dict[str, Any] = answer.json()
    return found


def test_runs_are_counted_by_state_and_their_durations_told(as_alice: APIClient, alice: Agent) -> None:
    task, other = make_task(alice), make_task(alice)
    for seconds in (1, 2, 3):
        ended(task, "succeeded", seconds)
    ended(task, "failed", 4)
    ended(task, "canceled", 9000)
    ended(task, "dead", 9000)
    make_run(task)
    ended(other, "failed", 500)

    found = asked(as_alice, task)

    assert found["runs"] == 7
    assert found["by_status"] == NOTHING | {"succeeded": 3, "failed": 1, "canceled": 1, "dead": 1, "queued": 1}
    assert found["success_rate"] == 0.6
    assert found["duration_seconds"] == {"p50": 2.5, "p95": pytest.approx(3.85)}
    assert (found["simulated"], found["truncated"]) == (0, False)
    span = datetime.fromisoformat(found["before"]) - datetime.fromisoformat(found["after"])
    assert span == timedelta(days=30)


def test_a_simulated_run_is_no_success_and_takes_no_time(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    ended(task, "succeeded", 100, simulated=True)
    ended(task, "succeeded", 200, simulated=True)
    simulated_alone = asked(as_alice, task)
    ended(task, "failed", 4)

    found = asked(as_alice, task)

    assert (simulated_alone["runs"], simulated_alone["success_rate"], simulated_alone["simulated"]) == (0, None, 2)
    assert simulated_alone["duration_seconds"] == {"p50": None, "p95": None}
    assert (found["runs"], found["success_rate"], found["simulated"]) == (1, 0.0, 2)
    assert found["duration_seconds"] == {"p50": 4.0, "p95": 4.0}


def test_a_task_without_runs_has_no_rate(as_alice: APIClient, alice: Agent) -> None:
    found = asked(as_alice, make_task(alice))

    assert (found["runs"], found["by_status"], found["success_rate"]) == (0, NOTHING, None)


def test_the_window_decides_which_runs_count(as_alice: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    now = database_now()
    for days in (1, 3, 40):
        ended(task, "succeeded", ago=timedelta(days=days))

    def runs(**window: Any) -> int:
        return int(asked(as_alice, task, **window)["runs"])

    assert runs() == 2
    assert runs(days=2) == 1
    assert runs(days=366) == 3
    assert runs(after=(now - timedelta(days=2)).isoformat()) == 1
    assert runs(before=(now - timedelta(days=2)).isoformat()) == 1
    assert runs(after=(now - timedelta(days=50)).isoformat(), before=(now - timedelta(days=30)).isoformat()) == 1


@pytest.mark.parametrize(
    ("window", "pointer"),
    [
        ({"days": 0}, "/days"),
        ({"days": 367}, "/days"),
        ({"days": "x"}, "/days"),
        ({"days": 7, "after": "2026-01-01T00:00:00Z"}, "/days"),
        ({"after": "2020-01-01T00:00:00Z", "before": "2022-01-01T00:00:00Z"}, "/after"),
        ({"after": "2026-01-02T00:00:00Z", "before": "2026-01-01T00:00:00Z"}, "/after"),
        ({"before": "0001-01-01T00:00:00Z"}, "/before"),
        ({"before": "9999-12-31T23:59:59Z"}, "/before"),
        ({"status": "failed"}, "/status"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(
    as_alice: APIClient, alice: Agent, window: dict[str, Any], pointer: str
) -> None:
    answer = as_alice.get(url(make_task(alice)), window)

    assert (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]]) == (422, [pointer])


def test_no_more_than_so_many_runs_are_looked_at(
    as_alice: APIClient, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_stats, "MOST_RUNS", 2)
    task = make_task(alice)
    for state in ("failed", "succeeded", "succeeded"):
        ended(task, state)

    found = asked(as_alice, task)

    assert (found["runs"], found["success_rate"], found["truncated"]) == (2, 1.0, True)


def test_it_is_one_statement_from_the_index_of_a_tasks_runs(
    as_alice: APIClient, alice: Agent, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    task, other = make_task(alice), make_task(alice)
    common: dict[str, Any] = {"task_version": 1, "agent": alice.pk, "priority": 5, "trigger": Trigger.RUN_NOW}
    queue.enqueue([NewRun(task=each.pk, **common) for each in [task] * 10 + [other] * 300])
    with django_assert_num_queries(4) as counted:  # who asks, which task, what time it is, the statement
        asked(as_alice, task)
    statement = counted.captured_queries[-1]["sql"]

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_run")
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "run_of_task" in plan
    assert "Index Cond: ((task_id = " in plan
    assert " AND (id >= " in plan
    assert "Sort Key: tasks_run.id" not in plan


def test_it_needs_the_scope_of_runs_and_a_task_of_ones_own(as_bob: APIClient, alice: Agent) -> None:
    task = make_task(alice)
    other = client_of(make_agent(scopes=("tasks:read",)))

    assert as_bob.get(url(task)).status_code == 404
    assert other.get(url(task)).status_code == 403
