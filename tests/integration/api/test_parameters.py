"""Parameters and fields that say nothing, or two things, are refused: taken for not given, they would show or do too much."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("audit?object_id=", "object_id"),
        ("events?aggregate_id=", "aggregate_id"),
        ("tasks?next_run_before=", "next_run_before"),
        ("tasks?title=", "title"),
        ("tasks?status=active&status=", "status"),
        ("tools?enabled=null", "enabled"),
        ("agents?active=1", "active"),
        ("runs?simulated=yes", "simulated"),
        ("pipelines/schema?tools=null", "tools"),
    ],
)
def test_a_parameter_that_is_empty_or_unclear_is_refused(as_admin: APIClient, path: str, parameter: str) -> None:
    answer = as_admin.get(f"/api/v1/{path}")

    assert answer.status_code == 422, answer.content
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/{parameter}"]


@pytest.mark.parametrize(
    "path",
    [
        "tasks?priority=1&priority=2",
        "tasks?limit=1&limit=2",
        "tools?enabled=true&enabled=false",
        "pipelines/schema?tools=true&tools=false",
    ],
)
def test_a_parameter_that_is_there_twice_is_refused(as_admin: APIClient, path: str) -> None:
    answer = as_admin.get(f"/api/v1/{path}")

    assert (answer.status_code, answer.json()["code"]) == (400, "repeated_parameter")


@pytest.mark.parametrize("value", [0, 1, "true", "", None])
def test_yes_or_no_is_true_or_false_and_nothing_like_it(as_admin: APIClient, alice: Agent, value: Any) -> None:
    rotation = as_admin.post(f"/api/v1/agents/{alice.pk}/credentials", {"revoke_old": value})
    revocation = as_admin.post("/auth/revoke", {"token": "x", "every_login": value})

    assert [rotation.status_code, revocation.status_code] == [422, 422]
    assert rotation.json()["errors"][0]["pointer"] == "/revoke_old"
    assert revocation.json()["errors"][0]["pointer"] == "/every_login"


def test_the_document_says_that_unknown_fields_are_refused(anonymous: APIClient) -> None:
    schemas = anonymous.get("/openapi.json").json()["components"]["schemas"]

    assert schemas["TaskRequest"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Task"]
