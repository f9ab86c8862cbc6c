"""A field that nobody knows is refused by name on every address that takes a body (S3), walked from the URL map."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import get_resolver
from rest_framework.test import APIClient

from tasks_app.models import Agent, Hook, Tool, Webhook, WebhookDelivery
from tests.integration.api.making import TASK, make_task
from tests.integration.api.test_access import addresses
from tests.making import make_run

UNKNOWN = "surely_unknown"
NO_JSON = {"api/v1/calendars/<uuid:pk>/ics"}  # takes a file
BESIDE = {"api/v1/tools/import": {"tools": []}}  # without which nothing else is looked at
JUDGED = "api/v1/pipelines/validate"  # says what is wrong with a draft, and refuses none


def taking_bodies() -> Iterator[tuple[str, str]]:
    for route, view in addresses(get_resolver().url_patterns):
        methods = getattr(view, "actions", None) or dict.fromkeys(vars(getattr(view, "cls", object)), "")
        if route.startswith(("api/v1/", "auth/")) and route not in NO_JSON:
            yield from ((route, method) for method in ("post", "put", "patch") if method in methods)


ROUTES = sorted(taking_bodies())


@pytest.fixture
def named(admin: Agent) -> dict[str, Any]:
    """What is there under each part of an address."""
    task = make_task(admin)
    tool = Tool.objects.create(address="our.tool", transport="http", settings={"endpoint": "https://1.1.1.1/"})
    webhook = Webhook.objects.create(agent=admin, url="https://1.1.1.1/", event_types=["run.*"], pos=0, wanted_pos=0)
    hook = Hook.objects.create(agent=admin, name="h", topic="h", preset="github", token_hash="x")
    delivery = WebhookDelivery.objects.create(
        webhook=webhook, pos=1, event_id=uuid.uuid4(), event_type="run.queued", state="failed"
    )
    return {
        "tasks": task.pk,
        "runs": make_run(task).pk,
        "agents": admin.pk,
        "tools": tool.address,
        "hooks": hook.pk,
        "webhooks": webhook.pk,
        "deliveries": delivery.pk,
        "secrets": "s",
    }


def concrete(route: str, named: dict[str, Any], client: APIClient) -> str:
    parts = route.split("/")
    for place, part in enumerate(parts):
        if part.startswith("<"):
            if parts[place - 1] == "calendars":
                made = client.post("/api/v1/calendars", {"name": "c", "definition": {"dates": ["2026-12-24"]}})
                named["calendars"] = made.json()["id"]
            parts[place] = str(named.get(parts[place - 1], uuid.uuid4()))
    return "/" + "/".join(parts)


@pytest.mark.parametrize(("route", "method"), ROUTES)
def test_an_unknown_field_is_refused_by_name(
    as_admin: APIClient, named: dict[str, Any], route: str, method: str
) -> None:
    answer = getattr(as_admin, method)(concrete(route, named, as_admin), BESIDE.get(route, {}) | {UNKNOWN: 1})

    assert answer.status_code == (200 if route == JUDGED else 422), answer.content
    assert UNKNOWN in answer.content.decode()


def test_the_walk_finds_what_takes_bodies() -> None:
    assert {("api/v1/tasks", "post"), ("api/v1/tasks/<uuid:pk>", "patch"), ("auth/token", "post")} <= set(ROUTES)
    assert len(ROUTES) > 30


@pytest.mark.parametrize(
    ("url", "body", "pointer"),
    [
        ("tasks", TASK | {"payload": {"pipeline": [{"uses": "noop", UNKNOWN: 1}]}}, f"/payload/pipeline/0/{UNKNOWN}"),
        ("tasks", TASK | {"payload": {"pipeline": [{"uses": "noop"}], UNKNOWN: 1}}, f"/payload/{UNKNOWN}"),
        ("tasks", TASK | {"quiet_hours": [{"from": "22:00", "to": "07:00", UNKNOWN: 1}]}, "/quiet_hours"),
        ("tasks", {"templates": [TASK | {UNKNOWN: 1}]}, f"/templates/0/{UNKNOWN}"),
        ("tasks", {"templates": [TASK], UNKNOWN: 1}, f"/{UNKNOWN}"),
        ("calendars", {"name": "c", "definition": {"dates": [], UNKNOWN: 1}}, f"/definition/{UNKNOWN}"),
        ("pipelines/validate", {"pipeline": [{"uses": "noop", UNKNOWN: 1}]}, f"/pipeline/0/{UNKNOWN}"),
        ("tools/import", {"tools": [{"address": "a.b", UNKNOWN: 1}]}, f"/tools/0/{UNKNOWN}"),
        ("tools/import", {"tools": [], UNKNOWN: 1}, f"/{UNKNOWN}"),
    ],
)
def test_an_unknown_field_inside_is_refused_where_it_stands(
    as_admin: APIClient, url: str, body: Any, pointer: str
) -> None:
    answer = as_admin.post(f"/api/v1/{url}", body)

    told = answer.json()
    found = [each["pointer"] for each in (told.get("errors") or told.get("faults") or ())]
    assert answer.status_code in {200, 422}, told
    assert pointer in found, told
