"""Parameters and fields that say nothing, or two things, are refused: taken for not given, they would show or do too much."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.urls import get_resolver
from rest_framework.test import APIClient
from rest_framework.views import APIView

from tasks_app.models import Agent
from tests.integration.api.addresses import METHODS, addresses

NOT_OURS = {"hooks/<str:token>"}  # other programs' addresses say what they please
WORDS = {"uuid": str(UUID(int=1)), "str": "x"}


def places() -> list[tuple[str, str]]:
    """Every address of the framework's views, with each of its methods."""
    found = []
    for route, view in addresses(get_resolver().url_patterns):
        kind = getattr(view, "cls", None)
        if kind is None or not issubclass(kind, APIView) or route in NOT_OURS or route == "openapi.json":
            continue
        actions = getattr(view, "actions", None)
        methods = [method for method in METHODS if (method in actions if actions else hasattr(kind, method))]
        found += [(route, method) for method in methods]
    return found


def documented(document: dict[str, Any]) -> dict[tuple[str, str], set[str]]:
    return {
        (re.sub(r"{.*?}", "{}", path).strip("/"), method): {
            each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"
        }
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }


def test_no_address_takes_a_parameter_that_it_does_not_know_and_each_names_those_that_the_document_has(
    as_admin: APIClient,
) -> None:
    names = documented(as_admin.get("/openapi.json").json())
    wrong = []

    for route, method in places():
        url = re.sub(r"<(\w+):\w+>", lambda found: WORDS[found[1]], route)
        answer = getattr(as_admin, method)(f"/{url}?no_such=1")
        known = sorted(names.get((re.sub(r"<.*?>", "{}", route), method), ()))
        cure = f"use {', '.join(known)}." if known else "takes no parameters: leave it out."
        faults = answer.json().get("errors") if answer.status_code == 422 else None
        if not faults or faults[0]["pointer"] != "/no_such" or not faults[0]["message"].endswith(cure):
            wrong.append((method, route, answer.status_code, faults, known))

    assert not wrong


@pytest.mark.parametrize("path", ["audit/export?limit=2", "audit/export?cursor=x", "audit/export?ordering=id"])
def test_an_export_has_no_pages(as_admin: APIClient, path: str) -> None:
    answer = as_admin.get(f"/api/v1/{path}")

    assert answer.status_code == 422
    assert "limit" not in answer.json()["errors"][0]["message"]


def test_what_is_no_method_is_refused_as_that(as_admin: APIClient) -> None:
    assert as_admin.put("/api/v1/tasks?foo=1").status_code == 405


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
