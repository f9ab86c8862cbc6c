"""Deny by default: every address, walked from the URL map, with no token and with one that may do nothing."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from tasks_app.api import tokens
from tasks_app.models import Agent
from tests.integration.api.making import client_of, make_task
from tests.making import make_agent, make_run

PUBLIC = {
    "",
    "docs",
    "redoc",
    "openapi.json",
    "health",
    "health/live",
    "health/ready",
    "auth/token",
    "auth/refresh",
    "auth/revoke",
    "api/v1/auth/token",
    "api/v1/pipelines/schema",
    "api/v1/auth/refresh",
    "api/v1/auth/revoke",
    ".well-known/jwks.json",
    "hooks/<str:token>",  # the sender signs
}
BEHIND_DJANGOS_LOGIN = ("admin/", "flower/")
SIGNED = {"approvals/<str:token>"}  # the link itself is the right: test_approval_links.py
SCRAPED = {"metrics"}  # by Prometheus, inside the deployment
METHODS = ("get", "post", "put", "patch", "delete")


def addresses(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def guarded() -> list[str]:
    routes = [route for route, _ in addresses(get_resolver().url_patterns)]
    return [
        route
        for route in routes
        if route not in PUBLIC | SIGNED | SCRAPED and not route.startswith(BEHIND_DJANGOS_LOGIN)
    ]


def concrete(route: str) -> str:
    for part in ("<uuid:pk>", "<uuid:task>", "<uuid:webhook>"):
        route = route.replace(part, str(uuid.uuid4()))
    for part in ("<str:address>", "<str:name>"):
        route = route.replace(part, "nobody.knows")
    assert "<" not in route, f"{route} has a part that this test does not know"
    return "/" + route


def test_the_walk_finds_the_api() -> None:
    assert {"api/v1/tasks", "api/v1/tasks/<uuid:pk>/run_now", "api/v1/runs/<uuid:pk>", "health/detailed"} <= set(
        guarded()
    )


@pytest.mark.parametrize("route", guarded())
def test_without_a_token_every_address_but_the_public_ones_answers_401(anonymous: APIClient, route: str) -> None:
    for method in METHODS:
        answer = getattr(anonymous, method)(concrete(route))
        assert answer.status_code == 401, (method, route)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="ordinaut"'
        assert answer.json()["code"] == "not_authenticated"


@pytest.mark.parametrize("route", guarded())
def test_with_a_token_without_scopes_every_address_answers_403(db: None, route: str) -> None:
    client = client_of(make_agent())
    statuses = {method: getattr(client, method)(concrete(route)).status_code for method in METHODS}

    assert set(statuses.values()) <= {403, 405}, statuses
    assert 403 in statuses.values()


def test_every_api_view_declares_who_may_use_it() -> None:
    for route, view in addresses(get_resolver().url_patterns):
        if route.startswith("api/") and route not in PUBLIC:
            actions = set((view.actions or {}).values())
            assert actions <= set(view.cls.scopes), route


@pytest.mark.parametrize("scopes", [{}, {"post": "tasks:read"}])
def test_a_view_that_names_no_scope_is_closed_even_to_an_admin(admin: Agent, scopes: dict[str, str]) -> None:
    view = type("Forgotten", (APIView,), {"scopes": scopes, "get": lambda *_: Response()}).as_view()
    request = APIRequestFactory().get("/", headers={"Authorization": f"Bearer {tokens.issue(admin)}"})

    assert view(request).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("get", "tasks", "tasks:read"),
        ("post", "tasks", "tasks:create"),
        ("get", "tasks/{task}", "tasks:read"),
        ("put", "tasks/{task}", "tasks:update"),
        ("patch", "tasks/{task}", "tasks:update"),
        ("delete", "tasks/{task}", "tasks:delete"),
        ("post", "tasks/{task}/run_now", "runs:write"),
        ("post", "tasks/{task}/run-now", "runs:write"),
        ("post", "tasks/{task}/backfill", "runs:write"),
        ("post", "tasks/{task}/pause", "tasks:update"),
        ("post", "tasks/{task}/resume", "tasks:update"),
        ("post", "tasks/{task}/cancel", "tasks:update"),
        ("get", "tasks/{task}/runs", "runs:read"),
        ("post", "pipelines/validate", "tasks:read"),
        ("post", "pipelines/render", "tasks:read"),
        ("get", "runs", "runs:read"),
        ("get", "runs/{run}", "runs:read"),
        ("post", "runs/{run}/cancel", "runs:write"),
    ],
)
def test_one_scope_opens_an_address_and_all_the_others_together_do_not(
    db: None, method: str, path: str, scope: str
) -> None:
    agent = make_agent(scopes=(scope,))
    task = make_task(agent)
    address = f"/api/v1/{path.format(task=task.pk, run=make_run(task).pk)}"
    client = client_of(agent)
    every = ["tasks:create", "tasks:read", "tasks:update", "tasks:delete", "runs:read", "runs:write", "tools:write"]

    opened = getattr(client, method)(address)
    Agent.objects.update(scopes=[other for other in every if other != scope])
    closed = getattr(client, method)(address)

    assert opened.status_code not in {401, 403, 404}
    assert (closed.status_code, closed.json()["code"]) == (403, "permission_denied")
    assert scope in closed.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "tasks/{task}"),
        ("put", "tasks/{task}"),
        ("patch", "tasks/{task}"),
        ("delete", "tasks/{task}"),
        ("post", "tasks/{task}/run_now"),
        ("post", "tasks/{task}/pause"),
        ("post", "tasks/{task}/resume"),
        ("post", "tasks/{task}/cancel"),
        ("get", "tasks/{task}/runs"),
        ("get", "runs/{run}"),
        ("post", "runs/{run}/cancel"),
    ],
)
def test_another_agents_object_is_not_there(as_bob: APIClient, alice: Agent, method: str, path: str) -> None:
    task = make_task(alice)
    run = make_run(task)

    foreign = getattr(as_bob, method)(f"/api/v1/{path.format(task=task.pk, run=run.pk)}")
    absent = getattr(as_bob, method)(f"/api/v1/{path.format(task=uuid.uuid4(), run=uuid.uuid4())}")

    task.refresh_from_db()
    run.refresh_from_db()
    assert (foreign.status_code, task.status, run.state) == (404, "active", "queued")
    assert {**foreign.json(), "request_id": ""} == {**absent.json(), "request_id": ""}


def test_lists_show_an_agent_its_own_and_an_admin_everything(
    as_alice: APIClient, as_bob: APIClient, as_admin: APIClient, alice: Agent
) -> None:
    task = make_task(alice)
    run = make_run(task)

    def seen(client: APIClient) -> tuple[list[str], list[str]]:
        lists = [client.get(f"/api/v1/{name}").json()["items"] for name in ("tasks", "runs")]
        return [each["id"] for each in lists[0]], [each["id"] for each in lists[1]]

    assert seen(as_alice) == seen(as_admin) == ([str(task.pk)], [str(run.pk)])
    assert seen(as_bob) == ([], [])
    assert as_bob.get(f"/api/v1/tasks?created_by={alice.pk}").json()["items"] == []
    assert as_bob.get(f"/api/v1/runs?task_id={task.pk}").json()["items"] == []
