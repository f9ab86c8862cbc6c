"""Whatever Postgres refuses, and at whichever statement, callers are told to come back: 503, never 500."""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client
from psycopg import errors
from psycopg_pool import PoolTimeout
from rest_framework.test import APIClient

from tasks_app import queue_sql
from tasks_app.api import tokens
from tasks_app.models import Agent
from tasks_app.services import logins
from tests.integration.api.making import TASK, make_task
from tests.making import make_run

pytestmark = pytest.mark.django_db

REFUSALS: list[tuple[type[psycopg.Error], str]] = [
    (errors.TooManyConnections, "5"),
    (errors.QueryCanceled, "1"),
    (errors.DiskFull, "30"),
    (errors.ReadOnlySqlTransaction, "10"),
    (errors.AdminShutdown, "1"),
    (errors.LockNotAvailable, "1"),
    (errors.DeadlockDetected, "1"),
    (PoolTimeout, "1"),
]


class Refusing:
    """The connection refuses its `nth` statement from now on, and each one after it, as `error` says."""

    def __init__(self, nth: int, error: type[psycopg.Error]) -> None:
        self.left = nth
        self.error = error
        self.refused = False

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count(sql)
        return execute(sql, params, many, context)

    def count(self, sql: str) -> None:
        if "SAVEPOINT" in sql:  # the test's own transaction
            return
        self.left -= 1
        if self.left < 0:
            self.refused = True
            with connection.wrap_database_errors:
                raise self.error("at 10.0.0.7: refused")


@contextmanager
def refusing(nth: int, error: type[psycopg.Error], monkeypatch: pytest.MonkeyPatch) -> Iterator[Refusing]:
    planted = Refusing(nth, error)
    plain = queue_sql.execute

    def execute(sql: str, parameters: Any) -> list[tuple[Any, ...]]:
        planted.count(sql)
        return plain(sql, parameters)

    with monkeypatch.context() as patched, connection.execute_wrapper(planted):
        for module in ("queue", "admission", "queue_sql"):
            patched.setattr(f"tasks_app.{module}.execute", execute)
        yield planted


def every_refusal(
    ask: Callable[[], HttpResponse], error: type[psycopg.Error], monkeypatch: pytest.MonkeyPatch
) -> list[HttpResponse]:
    """What is answered when the first statement is refused, when the second is, and so on to the last."""
    answers = []
    for nth in itertools.count():
        with refusing(nth, error, monkeypatch) as planted:
            answer = ask()
        if not planted.refused:
            return answers
        answers.append(answer)
    raise AssertionError


@pytest.mark.parametrize(("error", "seconds"), REFUSALS, ids=lambda value: getattr(value, "__name__", ""))
def test_an_outage_at_any_statement_of_a_call_is_503_with_a_time_to_come_back(
    as_alice: APIClient, alice: Agent, monkeypatch: pytest.MonkeyPatch, error: type[psycopg.Error], seconds: str
) -> None:
    task = make_task(alice)

    answers = every_refusal(lambda: as_alice.post(f"/api/v1/tasks/{task.pk}/run_now"), error, monkeypatch)

    assert len(answers) > 3
    assert {(answer.status_code, answer.headers["Retry-After"]) for answer in answers} == {(503, seconds)}
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert {answer.json()["code"] for answer in answers} == {"database_unavailable"}
    assert not [answer for answer in answers if b"10.0.0.7" in answer.content]


def operations(client: APIClient) -> list[tuple[str, str]]:
    paths = client.get("/openapi.json").json()["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods]


def test_every_operation_of_the_api_answers_503_at_whichever_statement_it_fails(
    as_admin: APIClient, admin: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = operations(as_admin)
    found: dict[str, set[int]] = {}
    login = logins.begin(admin)
    bodies = {
        "/api/v1/tasks": TASK,
        "/auth/refresh": {"refresh_token": tokens.refresh_token(login)},
        "/auth/revoke": {"token": tokens.access_token(login)},
    }

    for method, path in asked:
        row = make_run(make_task(admin)).pk if "/runs/{" in path else make_task(admin).pk
        address = re.sub(r"\{(?:id|task|webhook)\}", str(row), path)
        body = bodies.get(address, {"agent_id": str(admin.pk), "agent_secret": "x" * 40})
        answers = every_refusal(lambda: getattr(as_admin, method)(address, body), errors.DiskFull, monkeypatch)  # noqa: B023
        found[f"{method} {path}"] = {answer.status_code for answer in answers}

    assert len(found) > 30
    assert found.pop("get /.well-known/jwks.json") == set()  # it needs no database
    assert {name: answered for name, answered in found.items() if answered != {503}} == {}


@pytest.mark.parametrize("path", ["/admin/", "/admin/tasks/run/", "/admin/tasks/task/add/", "/flower/"])
def test_an_operators_page_is_a_page_that_tries_again_at_whichever_statement_it_fails(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("ops"))

    answers = every_refusal(lambda: client.get(path), errors.ReadOnlySqlTransaction, monkeypatch)

    assert answers
    assert {(answer.status_code, answer.headers["Retry-After"]) for answer in answers} == {(503, "10")}
    assert {answer.headers["Content-Type"] for answer in answers} == {"text/html; charset=utf-8"}
    assert not [answer for answer in answers if b"10.0.0.7" in answer.content]


def test_signing_in_while_the_database_is_out_of_connections_is_503(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    User.objects.create_superuser("ops", password="a long enough word")
    sent = {"username": "ops", "password": "a long enough word"}

    answers = every_refusal(lambda: client.post("/admin/login/", sent), errors.TooManyConnections, monkeypatch)

    assert {(answer.status_code, answer.headers["Retry-After"]) for answer in answers} == {(503, "5")}


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_cannot_be_had_is_503_everywhere_and_alive_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise errors.TooManyConnections("sorry, too many clients already")

    client = APIClient(raise_request_exception=False)
    connection.close()
    with monkeypatch.context() as patched:
        patched.setattr(type(connections["default"]), "get_new_connection", refuse)
        sent = {"agent_id": "0b7a4d1e-0000-4000-8000-000000000001", "agent_secret": "x"}
        token = client.post("/auth/token", sent)
        ready, alive = client.get("/health/ready"), client.get("/health/live")
        page = Client(raise_request_exception=False).post("/admin/login/", {"username": "a", "password": "b"})
        metrics = client.get("/metrics")

    assert [answer.status_code for answer in (token, ready, page)] == [503, 503, 503]
    assert all("Retry-After" in answer.headers for answer in (token, ready, page))
    assert alive.status_code == 200
    assert (metrics.status_code, b"orchestrator_database_reachable 0.0" in metrics.content) == (200, True)


def test_an_error_of_ours_stays_a_500(as_alice: APIClient, alice: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    task = make_task(alice)

    answers = every_refusal(
        lambda: as_alice.post(f"/api/v1/tasks/{task.pk}/run_now"), errors.UndefinedColumn, monkeypatch
    )

    assert {answer.status_code for answer in answers} == {500}
