"""Who is refused is told what to send instead."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent
from tests.integration.api.making import PAYLOAD

API = "/api/v1"
TASK = {"title": "T", "schedule_kind": "manual", "payload": PAYLOAD}
STEP = {"uses": "noop", "id": "a"}


def the_message(answer: Any, *, status: int = 422) -> str:
    assert answer.status_code == status, answer.json()
    message: str = answer.json()["errors"][0]["message"]
    return message


@pytest.mark.parametrize(
    ("path", "cure"),
    [
        ("tasks?status=ACTIVE", "active, paused, completed, canceled; not 'ACTIVE'."),
        ("tasks?status=active,paused", "several of them each as a parameter: active, paused,"),
        ("tools?transport=bogus", "python, http,"),
        ("tools?enabled=yes", "Use one of these: true, false; not 'yes'."),
        ("tasks/export?format=xml", "Use one of these: yaml, json; not 'xml'."),
        ("tasks/export?ids=1", "Use one of these: true, false; not '1'."),
        ("breakers?state=bogus", "closed"),
    ],
)
def test_a_choice_that_there_is_not_is_refused_with_those_that_there_are(
    as_admin: APIClient, path: str, cure: str
) -> None:
    assert cure in the_message(as_admin.get(f"{API}/{path}"))


def test_a_body_of_another_type_is_refused_with_those_that_are_taken(as_alice: APIClient) -> None:
    one = as_alice.post(f"{API}/tasks", data=b"x", content_type="text/plain")
    other = as_alice.post(f"{API}/tasks/plan", data=b"x", content_type="text/plain")

    assert (one.status_code, other.status_code) == (415, 415)
    assert one.json()["detail"].endswith("Send application/json.")
    assert "application/json or application/yaml" in other.json()["detail"]


def test_an_answer_of_another_type_is_refused_with_those_that_there_are(as_admin: APIClient) -> None:
    answer = as_admin.get(f"{API}/audit/export", headers={"Accept": "image/png"})

    assert answer.status_code == 406
    assert answer.json()["detail"].endswith("Ask for text/csv or application/json.")


def test_who_brings_no_token_is_told_where_to_get_one(anonymous: APIClient) -> None:
    answer = anonymous.get(f"{API}/tasks")

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="ordinaut"'
    assert "POST /auth/token" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("fields", "cure"),
    [
        ({"payload": {"pipeline": []}}, "at least one"),
        ({"payload": {"pipeline": [STEP, STEP]}}, "already taken by the id of step 1;"),
        ({"schedule_kind": "interval", "schedule_expr": "10s"}, "'10s' is not"),
    ],
)
def test_a_faulty_task_is_refused_with_what_was_sent_and_the_cure(
    as_alice: APIClient, fields: dict[str, Any], cure: str
) -> None:
    assert cure in the_message(as_alice.post(f"{API}/tasks", TASK | fields))


def test_an_agents_name_is_said_to_stay(as_admin: APIClient, alice: Agent) -> None:
    assert "never changes" in the_message(as_admin.patch(f"{API}/agents/{alice.pk}", {"name": "other"}))


def test_who_reads_for_another_agent_is_told_of_reading(as_alice: APIClient, bob: Agent) -> None:
    exported = as_alice.get(f"{API}/tasks/export?created_by={bob.pk}")
    planned = as_alice.post(f"{API}/tasks/plan?created_by={bob.pk}", {"version": 1, "tasks": []})

    assert (exported.status_code, planned.status_code) == (403, 403)
    assert "may read the tasks of another agent" in exported.json()["detail"]
    assert "may read the tasks of another agent" in planned.json()["detail"]
