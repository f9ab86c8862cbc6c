"""The OpenAPI document is one that generators and people can use."""

import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tasks_app.api import operations
from tasks_app.api.examples import EXAMPLES


def of(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Its operations by name."""
    found = [operation for path in document["paths"].values() for operation in path.values()]
    return {operation["operationId"]: operation for operation in found}


def test_it_is_valid(document: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_every_operation_has_a_name_of_its_own_that_makes_a_function(document: dict[str, Any]) -> None:
    count = sum(len(path) for path in document["paths"].values())

    assert len(of(document)) == count
    assert [name for name in of(document) if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)] == []


def test_every_operation_is_described_and_among_its_like(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}

    for name, operation in of(document).items():
        assert operation["summary"], name
        assert not operation["summary"].endswith("."), name
        assert set(operation["tags"]) <= tags, name
        assert operation["tags"] == [name.split("_")[0]]


def test_nothing_is_said_of_operations_that_are_not_there(document: dict[str, Any]) -> None:
    assert (operations.SAID.keys() | EXAMPLES.keys()) - of(document).keys() == set()


def test_every_operation_says_what_it_answers(document: dict[str, Any]) -> None:
    for name, operation in of(document).items():
        done = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
        assert done, name
        assert [status for status, answer in done.items() if "content" not in answer and status != "204"] == [], name


def test_what_is_answered_is_whole_and_what_is_sent_need_not_be(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert set(schemas["Task"]["required"]) == schemas["Task"]["properties"].keys()
    assert schemas["TaskRequest"]["required"] == ["payload", "schedule_kind", "title"]
    assert "required" not in schemas["PatchedTaskChangeRequest"]


@pytest.mark.parametrize(
    ("method", "path", "many", "name"),
    [
        ("GET", "/tasks", True, "tasks_list"),
        ("GET", "/tasks/{id}", False, "tasks_get"),
        ("POST", "/tasks", False, "tasks_create"),
        ("PUT", "/tasks/{id}", False, "tasks_replace"),
        ("PATCH", "/tasks/{id}", False, "tasks_update"),
        ("DELETE", "/tasks/{id}", False, "tasks_delete"),
        ("POST", "/tasks/{id}/run_now", False, "tasks_run_now"),
        ("GET", "/tasks/{task}/runs", True, "tasks_runs"),
        ("PUT", "/calendars/{id}/ics", False, "calendars_ics_replace"),
        ("POST", "/webhooks/{webhook}/deliveries/{id}/replay", False, "webhooks_deliveries_replay"),
        ("GET", "/.well-known/jwks.json", False, "auth_keys"),
    ],
)
def test_a_name_is_the_addresss_words_and_its_verb(method: str, path: str, many: bool, name: str) -> None:
    assert operations.name_of(path, method, of_many=many) == name
