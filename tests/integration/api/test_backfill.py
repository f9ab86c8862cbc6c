"""Backfill over HTTP, and the runs that it made."""

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent, Run, Task
from tests.integration.api.making import make_task

WINDOW = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-01T05:00:00+02:00"}


def hourly(owner: Agent, **fields: Any) -> Task:
    return make_task(owner, dtstart="2026-01-01T00:00:00", **fields)


def url(task: Task) -> str:
    return f"/api/v1/tasks/{task.pk}/backfill"


def pointers(answer: Any) -> set[str]:
    return {error["pointer"] for error in answer.json()["errors"]}


def test_a_backfill_answers_what_it_made_and_its_runs_can_be_listed(as_alice: APIClient, alice: Agent) -> None:
    task = hourly(alice)
    as_alice.post(f"/api/v1/tasks/{task.pk}/run_now", {})

    answer = as_alice.post(url(task), WINDOW)

    assert answer.status_code == 202
    made = answer.json()
    assert made == {"backfill": made["backfill"], "runs": 4, "already": 0}
    runs = as_alice.get("/api/v1/runs", {"backfill": made["backfill"]}).json()["items"]
    assert [run["scheduled_for"] for run in reversed(runs)] == [f"2026-03-01T0{hour}:00:00Z" for hour in range(4)]
    assert {(run["trigger"], run["status"], run["waiting_for"], run["lane"], run["backfill"]) for run in runs} == {
        ("backfill", "waiting", "turn", f"backfill:{made['backfill']}", made["backfill"])
    }
    assert as_alice.post(url(task), WINDOW).json()["already"] == 4


def test_its_runs_go_together_when_that_is_asked_for(as_alice: APIClient, alice: Agent) -> None:
    as_alice.post(url(hourly(alice)), WINDOW | {"overlap_policy": "allow"})

    assert set(Run.objects.values_list("state", flat=True)) == {"queued"}


@pytest.mark.parametrize(
    ("sent", "where"),
    [
        ({}, {"/from", "/to"}),
        (WINDOW | {"from": "yesterday"}, {"/from"}),
        (WINDOW | {"overlap_policy": "skip"}, {"/overlap_policy"}),
        (WINDOW | {"until": "x"}, {"/until"}),
        (WINDOW | {"to": "2999-01-01T00:00:00Z"}, {"/to"}),
        (WINDOW | {"from": "2026-04-01T00:00:00Z"}, {"/from"}),
        ({"from": "2000-01-01T00:00:00Z", "to": "2026-03-01T05:00:00Z"}, {"/to"}),
    ],
)
def test_what_is_wrong_is_answered_with_its_place(
    as_alice: APIClient, alice: Agent, sent: dict[str, str], where: set[str]
) -> None:
    answer = as_alice.post(url(hourly(alice)), sent)

    assert (answer.status_code, pointers(answer)) == (422, where)
    assert not Run.objects.exists()


def test_a_canceled_task_is_answered_409_and_another_agents_404(
    as_alice: APIClient, as_bob: APIClient, alice: Agent
) -> None:
    task = hourly(alice)
    assert as_bob.post(url(task), WINDOW).status_code == 404
    as_alice.post(f"/api/v1/tasks/{task.pk}/cancel")

    assert as_alice.post(url(task), WINDOW).status_code == 409


def test_runs_of_a_backfill_that_there_is_not_are_none(as_alice: APIClient) -> None:
    assert as_alice.get("/api/v1/runs", {"backfill": str(uuid.uuid4())}).json()["items"] == []


def test_the_same_again_too_soon_is_answered_409_naming_the_earlier_run(as_alice: APIClient, alice: Agent) -> None:
    task = hourly(alice, dedupe_key="invoice")
    first = as_alice.post(f"/api/v1/tasks/{task.pk}/run_now", {}).json()

    answer = as_alice.post(f"/api/v1/tasks/{task.pk}/run_now", {})

    assert answer.status_code == 409
    assert first["id"] in answer.json()["detail"]
