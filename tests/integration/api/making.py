"""The shortest agent, task and run, and a client that speaks for an agent."""

from datetime import timedelta
from typing import Any

from rest_framework.test import APIClient

from tasks_app import queue
from tasks_app.api import tokens
from tasks_app.models import Agent, Run, Task
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tasks_app.states import Trigger

PAYLOAD = {"pipeline": [{"id": "hello", "uses": "debug.echo", "with": {"message": "hi"}}]}
TASK = {"title": "Every hour", "schedule_kind": "interval", "schedule_expr": "PT1H", "payload": PAYLOAD}


def client_of(agent: Agent) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.issue(agent)}")
    return client


def make_agent(name: str, *scopes: str) -> Agent:
    """Without a secret that anyone knows: hashing one takes longer than most tests."""
    return Agent.objects.create(name=name, scopes=list(scopes), secret_hash="!")


def make_task(owner: Agent, **fields: Any) -> Task:
    return tasks.create_task(owner, actor=SYSTEM, **(TASK | fields))


def make_run(task: Task) -> Run:
    wanted = queue.NewRun(
        task=task.pk, task_version=1, agent=task.created_by_id, priority=5, trigger=Trigger.RUN_NOW
    )
    [run_id] = queue.enqueue([wanted])
    return Run.objects.get(pk=run_id)


def claim() -> queue.ClaimedRun:
    [claimed] = queue.claim(worker="worker-1", limit=1, lease=timedelta(seconds=30))
    return claimed
