"""What is wrong a hundred thousand times over is refused at once: a hundred faults are told, the others counted."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.exceptions import ErrorDetail
from rest_framework.test import APIClient

from tasks_app.api.serializers import strict

MANY = 5_000
STRANGERS = {f"x{number}": 0 for number in range(MANY)}
# What makes a message costs: so many are made for any number of faults.
MOST_MADE = 2_000


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every message that the framework makes."""
    messages: list[str] = []
    new: Callable[..., ErrorDetail] = ErrorDetail.__new__

    def noted(kind: type[ErrorDetail], string: str, code: str | None = None) -> ErrorDetail:
        messages.append(string)
        return new(kind, string, code)

    monkeypatch.setattr(ErrorDetail, "__new__", noted)
    return messages


@pytest.mark.parametrize("path", ["/auth/token", "/auth/refresh", "/auth/revoke"])
def test_unknown_fields_at_the_logins(anonymous: APIClient, made: list[str], path: str) -> None:
    answer = anonymous.post(path, STRANGERS)

    told = answer.json()
    missing = [each for each in told["errors"] if not each["message"].startswith("There is no such field: use ")]
    assert (answer.status_code, len(told["errors"])) == (422, 100)
    assert told["more_errors"] == MANY + len(missing) - 100
    assert len(made) < MOST_MADE


@pytest.mark.parametrize(
    ("path", "body", "at", "others"),
    [
        ("/api/v1/tasks", STRANGERS, "", 3),
        ("/api/v1/tasks", {"templates": [STRANGERS]}, "/templates/0", 3),
        ("/api/v1/tasks/bulk", STRANGERS, "", 0),
        ("/api/v1/tasks/bulk", {"tasks": [STRANGERS]}, "/tasks/0", 3),
        ("/api/v1/tasks/plan", STRANGERS, "", 2),
        ("/api/v1/tasks/plan", {"ordinaut": 1, "tasks": [STRANGERS]}, "/tasks/0", 3),
        ("/api/v1/tasks/import", {"ordinaut": 1, "tasks": [], "calendars": [STRANGERS]}, "/calendars/0", 2),
        ("/api/v1/tools/import", {"tools": [STRANGERS]}, "/tools/0", 2),
    ],
    ids=["task", "bundle", "bulk", "bulk's task", "document", "document's task", "document's calendar", "tool"],
)
def test_unknown_fields_in_what_an_agent_sends(  # noqa: PLR0913, PLR0917 - one table
    as_admin: APIClient, made: list[str], path: str, body: Any, at: str, others: int
) -> None:
    answer = as_admin.post(path, body)

    told = answer.json()
    assert (answer.status_code, len(told["errors"])) == (422, 100), told
    assert len(told["errors"]) + told["more_errors"] == MANY + others
    assert all(each["pointer"].startswith(f"{at}/") for each in told["errors"])
    assert len(made) < MOST_MADE


def test_unknown_fields_in_many_tasks(as_admin: APIClient) -> None:
    strangers = {f"x{number}": 0 for number in range(150)}

    told = as_admin.post("/api/v1/tasks/bulk", {"tasks": [strangers] * 3}).json()
    planned = as_admin.post("/api/v1/tasks/plan", {"ordinaut": 1, "tasks": [strangers] * 3}).json()

    assert (len(told["errors"]), told["more_errors"]) == (100, 3 * 153 - 100)
    assert (len(planned["errors"]), planned["more_errors"]) == (100, 3 * 153 - 100)


def test_what_an_import_leaves_out_says_how_many_more_faults_it_has(as_admin: APIClient) -> None:
    answer = as_admin.post("/api/v1/tools/import", {"partial": True, "tools": [STRANGERS]})

    refused = answer.json()["refused"]
    assert answer.status_code == 200, refused
    assert refused[-1]["message"].endswith(f" {MANY - 100} more are like it.")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/api/v1/agents", {"name": "x", "scopes": [0] * MANY}),
        ("put", "/api/v1/secrets/s", {"value": "x", "hosts": [0] * MANY}),
        ("post", "/api/v1/webhooks", {"url": "https://93.184.215.14/x", "event_types": [0] * MANY}),
        ("post", "/api/v1/tools", {"address": "our.tool", "scopes": [0] * MANY}),
        ("post", "/api/v1/tools", {"address": "our.tool", "examples": [0] * MANY}),
        ("post", "/api/v1/tools/import", [0] * MANY),
        ("post", "/api/v1/tasks/bulk/pause", {"ids": ["x"] * MANY}),
    ],
    ids=["scopes", "hosts", "event types", "a tool's scopes", "examples", "tools", "ids"],
)
def test_how_many_there_are_is_looked_at_before_any_of_them(
    as_admin: APIClient, made: list[str], method: str, path: str, body: Any
) -> None:
    answer = getattr(as_admin, method)(path, body)

    assert answer.status_code == 422, answer.content
    assert len(made) < 100


def test_a_list_takes_as_many_as_it_says() -> None:
    field = strict.Several(child=strict.Text(), max_length=2)

    assert field.run_validation(["a", "b"]) == ["a", "b"]
