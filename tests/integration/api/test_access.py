"""Deny by default: every address, walked from the URL map, with no token and with one that may do nothing. See test_matrix.py."""

import uuid

import pytest
from django.urls import get_resolver
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from tasks_app.api import tokens
from tasks_app.models import Agent
from tests.integration.api.addresses import METHODS, PUBLIC, addresses, guarded
from tests.integration.api.making import client_of, make_task
from tests.making import make_agent, make_run

ROUTES = [route for route, _ in guarded()]


def concrete(route: str) -> str:
    for part in ("<uuid:pk>", "<uuid:task>", "<uuid:webhook>"):
        route = route.replace(part, str(uuid.uuid4()))
    for part in ("<str:address>", "<str:name>"):
        route = route.replace(part, "nobody.knows")
    assert "<" not in route, f"{route} has a part that this test does not know"
    return "/" + route


def test_the_walk_finds_the_api() -> None:
    assert {"api/v1/tasks", "api/v1/tasks/<uuid:pk>/run_now", "api/v1/runs/<uuid:pk>", "health/detailed"} <= set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_without_a_token_every_address_but_the_public_ones_answers_401(anonymous: APIClient, route: str) -> None:
    for method in METHODS:
        answer = getattr(anonymous, method)(concrete(route))
        assert answer.status_code == 401, (method, route)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="ordinaut"'
        assert answer.json()["code"] == "not_authenticated"


@pytest.mark.parametrize("route", ROUTES)
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
