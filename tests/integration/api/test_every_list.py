"""What holds for every list of the API: its shape, its bounds, and that it takes no parameter that it does not know."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import get_resolver
from rest_framework.test import APIClient

from tasks_app.models import Agent, Calendar, SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tasks_app.services import hooks, secrets, webhooks
from tasks_app.services.actor import SYSTEM
from tests.integration.api.making import client_of, make_task
from tests.integration.api.test_access import addresses
from tests.making import make_agent, make_run

EVERY = (
    "tasks:create",
    "tasks:read",
    "runs:read",
    "runs:write",
    "events:read",
    "events:publish",
    "tools:read",
    "tools:write",
)
NO_PAGES = {  # GET addresses of one thing, of a file, or of a list that its parameters bound
    "agents/<uuid:pk>",
    "audit/export",
    "audit/verify",
    "breakers/<uuid:pk>",
    "calendars/<uuid:pk>",
    "calendars/<uuid:pk>/dates",
    "events/stream",
    "hooks/<uuid:pk>",
    "pipelines/schema",
    "runs/<uuid:pk>",
    "schedules/conflicts",
    "secrets/<str:name>",
    "tasks/<uuid:pk>",
    "tasks/export",
    "tasks/<uuid:task>/occurrences",
    "tasks/<uuid:task>/stats",
    "tasks/<uuid:task>/why",
    "tools/<str:address>",
    "tools/<str:address>/stats",
    "tools/<str:address>/versions",
    "webhooks/<uuid:pk>",
}
LISTS = [
    "agents",
    "audit",
    "breakers",
    "calendars",
    "events",
    "events/topics",
    "hooks",
    "runs",
    "secrets",
    "tasks",
    "tasks/<uuid:task>/ledger",
    "tasks/<uuid:task>/runs",
    "tools",
    "webhooks",
    "webhooks/<uuid:webhook>/deliveries",
]
OF_ADMINS = {"agents", "audit"}
OF_ALL = {"tools"}  # the built-in ones


def readable() -> Iterator[str]:
    for route, view in addresses(get_resolver().url_patterns):
        if route.startswith("api/v1/") and "get" in (getattr(view, "actions", None) or {}):
            yield route.removeprefix("api/v1/")


@pytest.fixture
def known(db: None) -> Agent:
    return make_agent(scopes=EVERY)


def furnished(owner: Agent) -> Task:
    """One of everything that is listed."""
    task = make_task(owner)
    make_run(task)
    SkippedOccurrence.objects.create(task=task, scheduled_for=database_now(), reason="paused")
    make_task(owner, schedule_kind="event", schedule_expr="orders.paid")
    Calendar.objects.create(name="mine", created_by=owner, definition={"dates": []})
    hooks.create_hook(owner, actor=SYSTEM, name="mine", topic="orders", preset="generic", secret="x" * 32)
    webhooks.create_webhook(owner, actor=SYSTEM, url="https://example.com/in", event_types=["run.*"])
    secrets.put_secret("mine", value="x" * 20, hosts=["example.com"], owner=owner, actor=SYSTEM)
    return task


def address(path: str, task: Task) -> str:
    webhook = task.created_by.webhooks.get()
    return "/api/v1/" + path.replace("<uuid:task>", str(task.pk)).replace("<uuid:webhook>", str(webhook.pk))


def test_every_address_that_is_read_is_known_here() -> None:
    assert sorted({*readable()} - NO_PAGES) == LISTS


@pytest.mark.parametrize("path", LISTS)
def test_a_list_has_items_and_what_follows(as_admin: APIClient, known: Agent, path: str) -> None:
    url = address(path, furnished(known))

    page = as_admin.get(url, {"limit": 1})

    assert page.status_code == 200, page.json()
    assert set(page.json()) == {"items", "next"}
    assert len(page.json()["items"]) <= 1
    assert as_admin.get(url, {"limit": 200}).status_code == 200


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("limit", "201"),
        ("limit", "0"),
        ("limit", str(10**9)),
        ("page_size", "5"),
        ("offset", "100000"),
        ("ordering", "agent__secret_hash"),
        ("ordering", "payload"),
        ("payload__x", "1"),
        ("id__in", "1,2,3"),
        ("x' OR 1=1 --", "1"),
        ("cursor", "é"),
    ],
)
def test_no_list_takes_what_it_does_not_know(as_admin: APIClient, known: Agent, parameter: str, value: str) -> None:
    task = furnished(known)

    for path in LISTS:
        if (parameter, path) == ("cursor", "tools"):
            continue  # any text may stand before an address
        answer = as_admin.get(address(path, task), {parameter: value})
        assert answer.status_code == 422, (path, answer.json())
        assert answer.json()["errors"][0]["pointer"].startswith("/"), path


@pytest.mark.parametrize("path", LISTS)
def test_a_list_shows_nothing_of_another_agent(known: Agent, path: str) -> None:
    task = furnished(known)
    stranger = client_of(make_agent(scopes=EVERY))

    answer = stranger.get(address(path, task))

    if "<" in path:
        assert answer.status_code == 404
    elif path in OF_ADMINS:
        assert answer.status_code == 403
    else:
        mine = str(known.pk)
        assert answer.status_code == 200
        assert path in OF_ALL or answer.json() == {"items": [], "next": None}
        assert mine not in str(answer.json())


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("tasks", "created_by={agent}"),
        ("runs", "task_id={task}"),
        ("runs", "agent={agent}"),
        ("events", "aggregate_id={task}"),
        ("calendars", "created_by={agent}"),
        ("hooks", "agent={agent}"),
        ("webhooks", "agent={agent}"),
    ],
)
def test_the_id_of_anothers_finds_nothing(known: Agent, as_admin: APIClient, path: str, query: str) -> None:
    task = furnished(known)
    asked = f"/api/v1/{path}?{query.format(agent=known.pk, task=task.pk)}"

    def found(client: APIClient) -> list[Any]:
        items: list[Any] = client.get(asked).json()["items"]
        return items

    assert found(client_of(make_agent(scopes=EVERY))) == []
    assert len(found(client_of(known))) >= 1
    assert found(as_admin) == found(client_of(known))


@pytest.mark.parametrize(
    ("path", "query", "number"),
    [
        ("calendars", "name=IN", 1),
        ("calendars", "name=other", 0),
        ("calendars", "shared=true", 0),
        ("hooks", "preset=generic&active=true", 1),
        ("hooks", "preset=github", 0),
        ("hooks", "name=min&ordering=-name", 1),
        ("webhooks", "active=false", 0),
        ("webhooks", "active=true", 1),
        ("events", "before=2001-01-01T00:00:00Z", 0),
        ("events", "after=2001-01-01T00:00:00Z&type=task.created", 2),
        ("runs", "scheduled_after=2001-01-01T00:00:00Z", 0),
        ("runs", "status=queued&status=failed&ordering=id", 1),
    ],
)
def test_a_list_is_narrowed(known: Agent, path: str, query: str, number: int) -> None:
    furnished(known)

    assert len(client_of(known).get(f"/api/v1/{path}?{query}").json()["items"]) == number


@pytest.mark.parametrize("path", ["runs", "tasks/<uuid:task>/runs"])
def test_errors_are_left_out_of_a_list_of_runs_when_nobody_wants_them(known: Agent, path: str) -> None:
    task = furnished(known)
    task.runs.update(error={"code": "broken"})
    url, client = address(path, task), client_of(known)

    def errors(query: str = "") -> list[Any]:
        return [run["error"] for run in client.get(f"{url}{query}").json()["items"]]

    assert errors() == errors("?include_errors=true") == [{"code": "broken"}]
    assert errors("?include_errors=false") == [None]


def test_runs_are_listed_from_the_oldest_when_asked(known: Agent) -> None:
    task = furnished(known)
    make_run(task)
    make_run(task)
    client = client_of(known)

    newest = [run["id"] for run in client.get("/api/v1/runs").json()["items"]]
    first = client.get("/api/v1/runs?ordering=id&limit=2").json()
    second = client.get(first["next"]).json()

    assert [run["id"] for run in first["items"] + second["items"]] == newest[::-1]
