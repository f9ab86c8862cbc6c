"""No refusal tells anything of our inside (S63): no stack, no SQL, no host, no path, nothing of what broke."""

import os
import socket
from collections.abc import Callable
from typing import Any

import psycopg.errors
import pytest
from django.core.exceptions import DisallowedHost, SuspiciousOperation, ValidationError
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError, connection
from rest_framework.exceptions import APIException
from rest_framework.test import APIClient

from ordinaut_site.env import BASE_DIR
from tasks_app.models import Agent
from tasks_app.services import agents, tasks
from tests.integration.api.making import TASK, make_task

CANARY = "canary-7f3a"
SQL = f'duplicate key value violates unique constraint "tasks_{CANARY}" DETAIL: Key (secret)=({CANARY}) SELECT * FROM'
HOST = f'connection to server at "{CANARY}.internal" (10.0.0.7), port 5432 failed'

BROKEN: list[tuple[Exception, int]] = [
    (IntegrityError(SQL), 500),
    (ProgrammingError(SQL), 500),
    (DataError(SQL), 500),
    (OperationalError(HOST), 503),
    (psycopg.errors.UniqueViolation(SQL), 500),
    (RuntimeError(CANARY), 500),
    (KeyError(CANARY), 500),
    (RecursionError(CANARY), 500),
    (UnicodeEncodeError("utf-8", CANARY, 0, 1, CANARY), 500),
    (FileNotFoundError(2, CANARY, f"/srv/{CANARY}"), 500),
    (ConnectionError(HOST), 500),
    (ValidationError(CANARY), 500),
    (SuspiciousOperation(CANARY), 400),
    (DisallowedHost(CANARY), 400),
    (APIException(), 500),
]


def assert_silent(answer: Any) -> None:
    told = answer.content.decode() + "".join(f"{name}: {value}\n" for name, value in answer.items())
    inside = {
        CANARY,
        "Traceback",
        'File "',
        ".py",
        "SELECT ",
        "psycopg",
        "django",
        "10.0.0.7",
        "constraint",
        str(BASE_DIR),
        socket.gethostname(),
        str(connection.settings_dict["NAME"]),
        str(os.getpid()),
    }
    assert [word for word in sorted(inside) if word in told] == []
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(("error", "status"), BROKEN, ids=[type(error).__name__ for error, _ in BROKEN])
def test_what_breaks_in_a_service_is_not_told(
    as_alice: APIClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(tasks, "create_task", fail)

    answer = as_alice.post("/api/v1/tasks", TASK)

    assert answer.status_code == status
    assert_silent(answer)


def test_what_breaks_at_a_login_is_not_told(anonymous: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(agents, "authenticate", fail)

    answer = anonymous.post("/auth/token", {"agent_id": str(Agent().pk), "agent_secret": CANARY * 4})

    assert answer.status_code == 500
    assert_silent(answer)


REFUSED: list[tuple[str, int, Callable[[APIClient], Any]]] = [
    ("another host", 400, lambda client: client.get("/api/v1/tasks/", headers={"Host": CANARY + "_"})),
    ("a NUL in a filter", 400, lambda client: client.get("/api/v1/tasks?title=%00")),
    ("no cursor", 422, lambda client: client.get("/api/v1/tasks?cursor=e30")),
    ("no token", 401, lambda client: client.post("/auth/refresh", {"refresh_token": "x.y.z"})),
    ("a foreign scope", 403, lambda client: client.get("/api/v1/agents")),
    ("nothing there", 404, lambda client: client.get("/api/v1/nothing")),
    ("a method", 405, lambda client: client.delete("/api/v1/tasks")),
    ("a format", 406, lambda client: client.get("/api/v1/tasks", headers={"Accept": "image/png"})),
    ("strange formats", 406, lambda client: client.get("/api/v1/tasks", headers={"Accept": "/;q=x, ;, a/b/c"})),
    ("a charset", 400, lambda client: client.generic("POST", "/api/v1/tasks", "{}", "application/json; charset=x")),
    ("a media type", 415, lambda client: client.generic("POST", "/api/v1/tasks", "{}", "text/x;")),
    ("no media type", 415, lambda client: client.generic("POST", "/api/v1/tasks", "{}", "/")),
    ("no JSON", 400, lambda client: client.generic("POST", "/api/v1/tasks", "{", "application/json")),
    ("a condition", 400, lambda client: client.get("/api/v1/tasks", headers={"If-None-Match": "\\"})),
    ("a large number", 400, lambda client: client.post("/api/v1/tasks", TASK | {"priority": 2**70})),
    ("a key of another type", 422, lambda client: client.post("/api/v1/tasks", TASK | {"payload": 5})),
]


@pytest.mark.parametrize(("status", "ask"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED])
def test_a_refusal_tells_nothing_of_our_inside(
    as_alice: APIClient, status: int, ask: Callable[[APIClient], Any]
) -> None:
    answer = ask(as_alice)

    assert answer.status_code == status, answer.content
    assert_silent(answer)


def test_what_is_anothers_and_what_is_not_there_are_refused_in_the_same_words(as_bob: APIClient, alice: Agent) -> None:
    hidden = as_bob.get(f"/api/v1/tasks/{make_task(alice).pk}").json()
    missing = as_bob.get(f"/api/v1/tasks/{Agent().pk}").json()

    assert {**hidden, "request_id": ""} == {**missing, "request_id": ""}
