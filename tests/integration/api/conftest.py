"""Agents with every scope but `admin`, and the clients that speak for them."""

import json
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from rest_framework.test import APIClient

from tasks_app.events import stream
from tasks_app.models import Agent
from tests.integration.api.making import client_of
from tests.making import make_agent

SCOPES = (
    "tasks:create",
    "tasks:read",
    "tasks:update",
    "tasks:delete",
    "runs:read",
    "runs:write",
    "events:publish",
    "events:read",
)


@pytest.fixture(autouse=True)
def _nobody_has_tried_before() -> None:
    client = stream.client()
    if tried := client.keys("ordinaut:tries:*"):
        client.delete(*tried)


@pytest.fixture
def alice(db: None) -> Agent:
    return make_agent(scopes=SCOPES)


@pytest.fixture
def bob(db: None) -> Agent:
    return make_agent(scopes=SCOPES)


@pytest.fixture
def admin(db: None) -> Agent:
    return make_agent(scopes=("admin",))


@pytest.fixture
def as_alice(alice: Agent) -> APIClient:
    return client_of(alice)


@pytest.fixture
def as_bob(bob: Agent) -> APIClient:
    return client_of(bob)


@pytest.fixture
def as_admin(admin: Agent) -> APIClient:
    return client_of(admin)


@pytest.fixture
def anonymous(db: None) -> APIClient:
    return APIClient(raise_request_exception=False)


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """The OpenAPI document. To write it takes a third of a second: all tests that look at it share one."""
    written = OpenApiJsonRenderer().render(SchemaGenerator().get_schema(request=None, public=True))  # type: ignore[no-untyped-call]
    told: dict[str, Any] = json.loads(written)
    return told
