"""A client that speaks for an agent, and the shortest task that is asked for as an agent asks."""

from typing import Any

from rest_framework.test import APIClient

from tasks_app.api import tokens
from tasks_app.models import Agent, Task
from tasks_app.services import logins, tasks
from tasks_app.services.actor import SYSTEM

PAYLOAD = {"pipeline": [{"id": "hello", "uses": "debug.echo", "with": {"message": "hi"}}]}
TASK = {"title": "Every hour", "schedule_kind": "interval", "schedule_expr": "PT1H", "payload": PAYLOAD}


def client_of(agent: Agent) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.issue(agent)}")
    return client


def narrowed(agent: Agent, *scopes: str) -> APIClient:
    """A client of a login that was begun for these scopes alone."""
    client = APIClient(raise_request_exception=False)
    token = tokens.access_token(logins.begin(agent, scopes=scopes))
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def make_task(owner: Agent, **fields: Any) -> Task:
    return tasks.create_task(owner, actor=SYSTEM, **(TASK | fields))
