"""Addresses without `/api/v1`, as older documents have them, are answered as today's are."""

import uuid

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent, Run
from tests.integration.api.making import TASK, make_task
from tests.making import make_run

LISTS = ("agents", "audit", "calendars", "events", "events/topics", "runs", "tasks", "tools")


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_the_same_at_its_older_address(as_admin: APIClient, alice: Agent, path: str) -> None:
    make_run(make_task(alice))

    older, today = as_admin.get(f"/{path}"), as_admin.get(f"/api/v1/{path}")

    assert (older.status_code, older.json()) == (200, today.json())


@pytest.mark.parametrize("path", [*LISTS, "tasks/x", "schedules/conflicts", "pipelines/validate"])
def test_an_older_address_opens_to_nobody_without_a_token(anonymous: APIClient, path: str) -> None:
    answer = anonymous.get(f"/{path}")

    assert answer.status_code == (404 if path == "tasks/x" else 401)
    assert answer.json()["status"] == answer.status_code


def test_a_task_is_made_changed_and_run_at_its_older_address(as_alice: APIClient) -> None:
    made = as_alice.post("/tasks", TASK)
    task = made.json()["id"]

    assert made.headers["Location"] == f"http://testserver/api/v1/tasks/{task}"
    assert as_alice.patch(f"/tasks/{task}", {"title": "Other"}).json()["title"] == "Other"
    assert as_alice.post(f"/tasks/{task}/run-now").status_code == 202
    assert as_alice.get(f"/tasks/{task}/runs").json()["items"][0]["id"] == str(Run.objects.get().pk)
    assert as_alice.delete(f"/tasks/{task}").status_code == 204


def test_what_follows_in_an_older_list_is_at_todays_address(as_alice: APIClient, alice: Agent) -> None:
    make_task(alice)
    make_task(alice)

    following = as_alice.get("/tasks?limit=1").json()["next"]

    assert following.startswith("http://testserver/api/v1/tasks?")
    assert len(as_alice.get(following).json()["items"]) == 1


def test_anothers_task_is_not_there_at_the_older_address_either(as_bob: APIClient, alice: Agent) -> None:
    foreign = as_bob.get(f"/tasks/{make_task(alice).pk}")
    absent = as_bob.get(f"/tasks/{uuid.uuid4()}")

    assert {**foreign.json(), "request_id": ""} == {**absent.json(), "request_id": ""}
    assert foreign.status_code == 404


@pytest.mark.parametrize("path", ["secrets", "hooks", "webhooks", "breakers", "tasksx", "api/v1/api/v1/tasks"])
def test_what_is_newer_than_those_documents_has_no_older_address(as_admin: APIClient, path: str) -> None:
    assert as_admin.get(f"/{path}").status_code == 404


def test_no_older_address_is_documented(anonymous: APIClient) -> None:
    paths = anonymous.get("/openapi.json").json()["paths"]

    assert not [path for path in paths if path.split("/")[1] in {path.split("/")[0] for path in LISTS}]
