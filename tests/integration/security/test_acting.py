"""Who acts is what a run's row says: nothing that an agent writes can say that it is somebody else."""

import pytest
from rest_framework.test import APIClient

from tasks_app.catalogue import builtin
from tasks_app.models import Agent, Task
from tests.integration.api.making import TASK, client_of
from tests.making import make_agent

WHO = {"agent", "agent_id", "created_by", "owner", "actor", "run_as", "as"}
PLATFORM = sorted(each.address for each in builtin() if each.address.startswith(("orchestrator.", "pipeline.")))


@pytest.mark.parametrize("address", PLATFORM)
def test_no_tool_that_acts_on_the_platform_is_told_as_whom(address: str) -> None:
    schema = builtin().get(address).input_schema

    assert not WHO & set(schema.get("properties", {}))
    assert schema.get("additionalProperties") is False


@pytest.fixture
def agents(db: None) -> tuple[Agent, Agent, APIClient]:
    alice, bob = make_agent(scopes=("tasks:create", "tasks:update")), make_agent()
    return alice, bob, client_of(alice)


@pytest.mark.parametrize("field", ["agent", "agent_id", "owner", "run_as"])
def test_a_task_that_is_to_act_as_another_is_refused(agents: tuple[Agent, Agent, APIClient], field: str) -> None:
    _, bob, as_alice = agents

    assert as_alice.post("/api/v1/tasks", TASK | {field: str(bob.pk)}).status_code == 422
    assert as_alice.post("/api/v1/tasks", TASK | {"created_by": str(bob.pk)}).status_code == 403
    assert not Task.objects.exists()


def test_a_task_is_given_to_nobody_else_later(agents: tuple[Agent, Agent, APIClient]) -> None:
    alice, bob, as_alice = agents
    made = as_alice.post("/api/v1/tasks", TASK).json()

    assert as_alice.patch(f"/api/v1/tasks/{made['id']}", {"created_by": str(bob.pk)}).status_code == 422
    assert Task.objects.get().created_by_id == alice.pk
