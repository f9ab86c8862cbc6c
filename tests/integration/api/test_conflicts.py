"""`/schedules/conflicts`: whose tasks, which window, and what is told of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tasks_app.models import Agent, Run, SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tasks_app.planning.forecast import reading
from tasks_app.services import forecasts
from tests.integration.api.making import client_of, make_task
from tests.making import make_agent, make_run

URL = "/api/v1/schedules/conflicts"
WINDOW = {"from": "2030-03-04T00:00:00Z", "to": "2030-03-05T00:00:00Z"}


def asked(client: APIClient, **window: str) -> dict[str, Any]:
    answer = client.get(URL, window or WINDOW)
    assert answer.status_code == 200, answer.json()
    found: dict[str, Any] = answer.json()
    return found


def daily(owner: Agent, title: str, **fields: Any) -> Task:
    return make_task(owner, **{"title": title, "schedule_kind": "cron", "schedule_expr": "0 9 * * *"} | fields)


def ran(task: Task, seconds: float, *, state: str = "succeeded") -> None:
    run = make_run(task)
    end = datetime(2026, 1, 1, 12, tzinfo=UTC)
    Run.objects.filter(pk=run.pk).update(
        state=state,
        attempt=1,
        fence=1,
        worker="w",
        claimed_at=end,
        started_at=end - timedelta(seconds=seconds),
        finished_at=end,
        waiting_for="",
        lease_until=None,
    )


def test_two_tasks_that_want_one_key_at_one_time_collide_for_as_long_as_their_runs_last(
    as_alice: APIClient, alice: Agent
) -> None:
    first, second = (daily(alice, title, concurrency_key="printer") for title in ("Bills", "Letters"))
    for seconds in (5, 20, 600):
        ran(first, seconds)
    ran(first, 9000, state="canceled")

    found = asked(as_alice)

    assert found["collisions"] == [
        {
            "agent": str(alice.pk),
            "concurrency_key": "printer",
            "limit": 1,
            "at": "2030-03-04T09:00:00Z",
            "until": "2030-03-04T09:00:20Z",
            "tasks": [
                {"id": str(first.pk), "title": "Bills", "at": "2030-03-04T09:00:00Z"},
                {"id": str(second.pk), "title": "Letters", "at": "2030-03-04T09:00:00Z"},
            ],
            "tasks_left_out": 0,
            "would_wait_seconds": 20.0,
        }
    ]
    assert (found["from"], found["to"], found["looked_until"]) == (*WINDOW.values(), WINDOW["to"])
    assert (found["truncated"], found["fires"], found["skipped"]) == (False, 2, {})


def test_runs_that_ended_after_the_window_began_say_nothing_about_how_long_runs_last(
    as_alice: APIClient, alice: Agent
) -> None:
    first, _ = (daily(alice, title, concurrency_key="printer") for title in ("Bills", "Letters"))
    ran(first, 20)

    found = asked(as_alice, **{"from": "2025-12-01T00:00:00Z", "to": "2025-12-02T00:00:00Z"})

    assert found["collisions"][0]["would_wait_seconds"] == 1.0


def test_peaks_name_their_tasks_and_the_spread_lowers_them(as_alice: APIClient, alice: Agent) -> None:
    tasks = [make_task(alice, title=f"Hourly {number:02}") for number in range(12)]

    found = asked(as_alice)
    again = asked(as_alice)

    assert found == again
    assert len(found["peaks"]) == 10
    first = found["peaks"][0]
    assert (first["minute"], first["fires"], first["tasks_left_out"]) == (WINDOW["from"], 12, 2)
    assert first["tasks"][0] == {"id": str(tasks[0].pk), "title": "Hourly 00"}
    assert len(found["spread"]) > 6
    assert all(each["peak_after"] < each["peak_before"] == 12 for each in found["spread"])


def test_the_spread_comes_true_once_it_is_followed(as_alice: APIClient, alice: Agent) -> None:
    for number in range(8):
        make_task(alice, title=f"Hourly {number}")
    proposed = asked(as_alice)["spread"]
    assert proposed

    for each in proposed:
        answer = as_alice.patch(f"/api/v1/tasks/{each['task']}", {"jitter_seconds": each["jitter_seconds"]})
        assert answer.status_code == 200, answer.json()
    after = asked(as_alice)

    assert max((peak["fires"] for peak in after["peaks"]), default=1) >= max(each["peak_after"] for each in proposed)
    assert all(peak["fires"] < 8 for peak in after["peaks"])


def test_an_agent_is_told_of_its_own_tasks_and_an_admin_of_all(
    as_alice: APIClient, as_bob: APIClient, as_admin: APIClient, alice: Agent, bob: Agent
) -> None:
    daily(alice, "Alice's")
    daily(bob, "Bob's")

    assert [asked(client)["tasks"]["forecast"] for client in (as_alice, as_bob, as_admin)] == [1, 1, 2]
    assert asked(as_bob)["peaks"] == []
    assert [each["title"] for each in asked(as_admin)["peaks"][0]["tasks"]] == ["Alice's", "Bob's"]


def test_the_scope_to_read_tasks_opens_it_and_no_other(db: None) -> None:
    assert client_of(make_agent(scopes=("tasks:read",))).get(URL).status_code == 200
    refused = client_of(make_agent(scopes=("tasks:update", "runs:read"))).get(URL)
    assert (refused.status_code, "tasks:read" in refused.json()["detail"]) == (403, True)


def test_tasks_without_foreseeable_instants_are_counted(as_alice: APIClient, alice: Agent) -> None:
    daily(alice, "Foreseeable")
    make_task(alice, schedule_kind="manual", schedule_expr="")
    paused, broken, deleted, canceled = (daily(alice, title) for title in ("Paused", "Broken", "Deleted", "Canceled"))
    Task.objects.filter(pk=paused.pk).update(status="paused")
    Task.objects.filter(pk=broken.pk).update(timezone="Mars/Olympus_Mons")
    Task.objects.filter(pk=deleted.pk).update(deleted_at=database_now(), due_at=None, next_run_at=None)
    Task.objects.filter(pk=canceled.pk).update(status="canceled", due_at=None, next_run_at=None)

    assert asked(as_alice)["tasks"] == {
        "forecast": 1,
        "unforeseeable": 1,
        "paused": 1,
        "unreadable": 1,
        "left_out": 0,
    }


def test_more_tasks_than_are_looked_at_are_counted(
    as_alice: APIClient, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_TASKS", 2)
    for title in "abc":
        daily(alice, title)

    tasks = asked(as_alice)["tasks"]

    assert (tasks["forecast"], tasks["left_out"]) == (2, 1)


def test_more_instants_than_are_looked_at_cut_the_window(
    as_alice: APIClient, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecasts, "BUDGET_OF_A_REQUEST", 3)
    make_task(alice)

    found = asked(as_alice)

    assert (found["truncated"], found["looked_until"], found["fires"]) == (True, "2030-03-04T03:00:00Z", 3)


def test_an_agents_budget_of_the_day_is_respected(as_alice: APIClient, alice: Agent) -> None:
    Agent.objects.filter(pk=alice.pk).update(runs_per_day=5)
    make_task(alice)

    assert asked(as_alice)["skipped"] == {"budget": 19}


def test_without_a_window_it_is_the_day_that_begins_this_minute(as_alice: APIClient) -> None:
    before = database_now().replace(second=0, microsecond=0)

    found = as_alice.get(URL).json()

    start, end = (datetime.fromisoformat(found[name]) for name in ("from", "to"))
    assert before <= start <= database_now()
    assert end - start == timedelta(days=1)


def test_a_window_of_31_days_is_the_longest_and_a_date_is_its_midnight(as_alice: APIClient) -> None:
    found = asked(as_alice, **{"from": "2030-03-01", "to": "2030-04-01"})

    assert (found["from"], found["looked_until"]) == ("2030-03-01T00:00:00Z", "2030-04-01T00:00:00Z")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("from=yesterday", "/from"),
        ("from=2030-03-01T00:00Z&to=soon", "/to"),
        ("from=2030-03-01T00:00Z&to=2030-03-01T00:00Z", "/to"),
        ("from=2030-03-01T00:00Z&to=2030-02-01T00:00Z", "/to"),
        ("from=2030-03-01T00:00Z&to=2030-04-01T00:00:01Z", "/to"),
        ("to=2030-03-01T00:00Z", "/from"),
        ("from=9999-12-31T23:59Z", "/from"),
        ("from=0001-01-01T00:00Z", "/from"),
        ("from=0001-01-01T00:00%2B14:00", "/from"),
        ("frm=2030-03-01T00:00Z", "/frm"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(as_alice: APIClient, query: str, pointer: str) -> None:
    answer = as_alice.get(f"{URL}?{query}")

    assert (answer.status_code, [each["pointer"] for each in answer.json()["errors"]]) == (422, [pointer])


def test_it_costs_the_same_queries_however_many_tasks_there_are_and_writes_nothing(
    as_alice: APIClient, alice: Agent
) -> None:
    def queries() -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as counted:
            asked(as_alice)
        return [query["sql"] for query in counted.captured_queries]

    daily(alice, "One")
    few = queries()
    for number in range(20):
        ran(daily(alice, f"Task {number}", overlap_policy="skip"), 3)
    before = list(Task.objects.order_by("pk").values())
    many = queries()

    assert len(many) == len(few) == 5
    assert not [sql for sql in many if not sql.startswith(("SELECT", "\n", " "))]
    assert list(Task.objects.order_by("pk").values()) == before
    assert SkippedOccurrence.objects.count() == 0
    assert Run.objects.count() == 20


def test_as_many_runs_go_on_as_the_deployments_worker_has_threads_in_its_processes(as_alice: APIClient) -> None:
    from django.conf import settings

    with override_settings(CELERY_WORKER_CONCURRENCY=3):
        assert asked(as_alice)["slots"] == 3 * settings.ORDINAUT.worker_threads
