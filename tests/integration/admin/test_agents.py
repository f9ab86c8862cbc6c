"""Agents are made with a secret that is shown once, and switched on and off."""

from collections.abc import Callable

from django.test import Client

from tasks_app.models import Agent, AuditEntry
from tasks_app.services import agents
from tests.bringing import bring
from tests.integration.admin.conftest import act, list_of, page_of, said
from tests.making import make_agent

ADD = "/admin/tasks/agent/add/"


def test_the_secret_of_a_new_agent_is_shown_once_and_works(operator: Client) -> None:
    response = operator.post(ADD, {"name": "courier", "scopes": ["tasks:read", "runs:read"]}, follow=True)

    agent = Agent.objects.get()
    [shown] = [str(message) for message in response.context["messages"] if "secret" in str(message)]
    secret = shown.split(" is ")[1].split(" ")[0]
    assert agents.authenticate(agent.pk, secret) == agent
    assert agent.scopes == ["runs:read", "tasks:read"]
    assert secret not in operator.get(page_of(agent)).content.decode()
    assert (AuditEntry.objects.get().actor, AuditEntry.objects.get().action) == ("user:ops", "agent.created")


def test_a_new_agent_can_be_limited(operator: Client) -> None:
    operator.post(ADD, {"name": "courier", "scopes": ["tasks:read"], "runs_per_day": "100", "max_running": "3"})

    agent = Agent.objects.get()
    assert (agent.runs_per_day, agent.max_running) == (100, 3)
    assert "max_running" in operator.get(ADD).content.decode()


def test_limits_and_scopes_are_given_later_and_taken_again(operator: Client) -> None:
    agent, _ = agents.create_agent(name="courier", scopes=["tasks:read"])
    limits = dict(zip(agents.LIMITS, ("100", "3", "60", "120", "30", "90000", "500000"), strict=True))

    assert operator.post(page_of(agent), {"scopes": ["runs:read"], **limits}).status_code == 302
    agent.refresh_from_db()
    assert agent.scopes == ["runs:read"]
    assert {name: str(getattr(agent, name)) for name in agents.LIMITS} == limits

    assert operator.post(page_of(agent), {"scopes": ["runs:read"], "name": "another"}).status_code == 302
    agent.refresh_from_db()
    assert {getattr(agent, name) for name in agents.LIMITS} == {None}
    assert agent.name == "courier"
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True))[1:] == [
        "agent.updated", "agent.updated", "agent.updated",
    ]  # fmt: skip


def test_a_scope_of_a_tools_own_is_offered_and_kept(operator: Client) -> None:
    bring(scopes=["notify"])
    agent, _ = agents.create_agent(name="courier", scopes=["notify"])

    form = operator.get(page_of(agent)).context["adminform"].form

    assert form["scopes"].value() == ["notify"]
    assert operator.post(page_of(agent), {"scopes": ["notify", "tasks:read"]}).status_code == 302
    agent.refresh_from_db()
    assert agent.scopes == ["notify", "tasks:read"]


def test_a_limit_that_makes_no_sense_is_a_fault_of_its_field(operator: Client) -> None:
    agent, _ = agents.create_agent(name="courier", scopes=["tasks:read"])

    response = operator.post(page_of(agent), {"scopes": ["tasks:read"], "min_cadence_seconds": "0"})

    assert set(response.context["adminform"].form.errors) == {"min_cadence_seconds"}
    agent.refresh_from_db()
    assert agent.min_cadence_seconds is None


def test_a_taken_name_is_a_fault_of_its_field(operator: Client) -> None:
    taken = make_agent()

    response = operator.post(ADD, {"name": taken.name, "scopes": ["tasks:read"]})

    assert set(response.context["adminform"].form.errors) == {"name"}
    assert Agent.objects.count() == 1


def test_an_unknown_scope_is_refused(operator: Client) -> None:
    response = operator.post(ADD, {"name": "courier", "scopes": ["everything"]})

    assert set(response.context["adminform"].form.errors) == {"scopes"}


def test_agents_are_disabled_and_enabled_through_the_service(operator: Client) -> None:
    first, second = make_agent(), make_agent()

    off = act(operator, "disable", first, second)
    assert said(off) == ["2 agents disabled."]
    assert set(Agent.objects.values_list("active", flat=True)) == {False}

    act(operator, "enable", first)
    first.refresh_from_db()
    assert first.active
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "agent.disabled", "agent.disabled", "agent.enabled",
    ]  # fmt: skip


def test_no_page_holds_a_secrets_hash(operator: Client) -> None:
    agent = make_agent()

    for address in (list_of(Agent), page_of(agent)):
        assert agent.secret_hash not in operator.get(address).content.decode()


def test_a_viewer_neither_makes_nor_switches_agents(staff_with: Callable[..., Client]) -> None:
    agent = make_agent()
    viewer = staff_with("view_agent")

    act(viewer, "disable", agent)

    agent.refresh_from_db()
    assert agent.active
    assert viewer.get(ADD).status_code == 403
    assert viewer.post(page_of(agent), {"scopes": ["admin"]}).status_code == 403
