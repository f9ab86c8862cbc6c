"""Alice, an admin, and the clients that speak for them."""

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent
from tests.integration.api.making import client_of
from tests.making import make_agent

SCOPES = ("tasks:create", "tasks:read", "tasks:update", "tasks:delete")


@pytest.fixture
def alice(db: None) -> Agent:
    return make_agent(scopes=SCOPES)


@pytest.fixture
def as_alice(alice: Agent) -> APIClient:
    return client_of(alice)


@pytest.fixture
def as_admin(db: None) -> APIClient:
    return client_of(make_agent(scopes=("admin",)))
