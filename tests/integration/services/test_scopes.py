"""A task whose pipeline calls what its owner may not is refused when it is saved, with the place and the cure."""

from typing import Any

import pytest

from pipelines import Tool
from tasks_app import catalogue
from tasks_app.exceptions import InvalidRequest
from tasks_app.models import Agent
from tasks_app.services import agents, tasks
from tasks_app.services.actor import SYSTEM
from tests.making import make_agent

pytestmark = pytest.mark.django_db

PAGER = {"uses": "pager.alert"}


@pytest.fixture(autouse=True)
def pager(monkeypatch: pytest.MonkeyPatch) -> None:
    tools = catalogue.catalogue().with_tools(
        Tool("pager.alert", lambda given, _call: given, pure=True, scopes=frozenset({"notify", "runs:read"})),
        Tool("pipeline.twice", lambda given, _call: given, pure=True),
    )
    monkeypatch.setattr(catalogue, "_builtin", lambda _allow: tools)


def create(owner: Agent, *steps: dict[str, Any], **fields: Any) -> list[tuple[str, str]]:
    """The faults of a task with these steps."""
    values = {"title": "A task", "schedule_kind": "manual", "payload": {"pipeline": list(steps)}} | fields
    try:
        tasks.create_task(owner, actor=SYSTEM, **values)
    except InvalidRequest as refused:
        return [(fault.pointer, fault.message) for fault in refused.faults]
    return []


def test_the_step_and_the_missing_scope_are_named() -> None:
    [(pointer, message)] = create(make_agent(scopes=("runs:read",)), {"uses": "noop"}, PAGER)

    assert pointer == "/payload/pipeline/1/uses"
    assert "pager.alert needs the scope notify, which" in message
    assert "ask an administrator" in message


@pytest.mark.parametrize("scopes", [("notify", "runs:read"), ("admin",)])
def test_who_has_the_scopes_may_save_it(scopes: tuple[str, ...]) -> None:
    assert create(make_agent(scopes=scopes), PAGER) == []


def test_steps_inside_a_step_are_looked_at_and_data_that_looks_like_steps_is_not() -> None:
    inside = {"uses": "pipeline.twice", "with": {"body": [{"uses": "noop"}, PAGER], "items_path": "steps.a"}}
    data = {"uses": "debug.echo", "with": {"body": [PAGER]}}

    assert [pointer for pointer, _ in create(make_agent(), inside, data)] == ["/payload/pipeline/0/with/body/1/uses"]


def test_a_probe_needs_the_scopes_too() -> None:
    condition = {"schedule_kind": "condition", "schedule_expr": "probe.n > 1", "probe": PAGER}

    assert [pointer for pointer, _ in create(make_agent(), {"uses": "noop"}, **condition)] == ["/probe/uses"]


@pytest.mark.parametrize("steps", ["x", [1], [{"uses": 5}], [{"uses": "no.tool"}]])
def test_what_is_no_pipeline_is_refused_as_ever(steps: Any) -> None:
    refused = create(make_agent(), payload={"pipeline": steps})

    assert refused
    assert not any("scope" in message for _, message in refused)


def test_a_change_of_the_pipeline_is_looked_at() -> None:
    owner = make_agent()
    task = tasks.create_task(
        owner, actor=SYSTEM, title="A task", schedule_kind="manual", payload={"pipeline": [{"uses": "noop"}]}
    )

    with pytest.raises(InvalidRequest, match="notify"):
        tasks.update_task(task, actor=SYSTEM, changes={"payload": {"pipeline": [PAGER]}})


def test_an_agent_can_be_given_the_scopes_of_tools() -> None:
    agent, _ = agents.create_agent(name="pager", scopes=["notify"])

    assert agent.scopes == ["notify"]
    with pytest.raises(InvalidRequest, match="notify"):
        agents.create_agent(name="other", scopes=["nonsense"])
