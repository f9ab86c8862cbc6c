"""Webhooks that name no address go wherever their agent's `webhook_url` leads."""

from typing import Any

import pytest

from tasks_app.exceptions import InvalidRequest
from tasks_app.models import Agent, AuditEntry, Webhook
from tasks_app.services import agents, webhooks
from tasks_app.services.actor import SYSTEM
from tests.integration.streams.listening import happen
from tests.integration.webhooks.receiver import Receiver, deliver_all
from tests.making import make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]


def move(agent: Agent, url: str) -> Agent:
    return agents.change_agent(agent, {"webhook_url": url}, actor=SYSTEM)


def follow(agent: Agent) -> Webhook:
    return webhooks.create_webhook(agent, event_types=["*"], actor=SYSTEM)[0]


def test_what_names_no_address_follows_the_agents(receiver: Receiver, alice: Agent) -> None:
    task = make_task(created_by=alice)
    move(alice, receiver.url)
    follow(Agent.objects.get())
    happen(1, to=task)
    deliver_all()

    move(alice, f"{receiver.url}/elsewhere")
    happen(1, to=task)
    deliver_all()

    assert [post.path for post in receiver.posts] == ["/events", "/events/elsewhere"]
    entries = AuditEntry.objects.filter(action="agent.webhook_moved")
    assert set(entries.values_list("details__host", flat=True)) == {"127.0.0.1"}


def test_without_an_address_it_waits_and_loses_nothing(receiver: Receiver, alice: Agent) -> None:
    task = make_task(created_by=alice)
    move(alice, receiver.url)
    follow(Agent.objects.get())
    move(alice, "")
    happen(2, to=task)
    assert deliver_all() == 0

    move(alice, receiver.url)
    deliver_all()

    assert receiver.positions == [1, 2]


def test_an_agent_without_an_address_must_name_one(alice: Agent) -> None:
    with pytest.raises(InvalidRequest) as refused:
        follow(alice)

    assert [fault.pointer for fault in refused.value.faults] == ["/url"]
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::7f00:1]/",
        "https://a@example.org/",
        "ftp://example.org/",
        "https://example.org:8443/",
        "https://example.org/\r\nX: y",
    ],
)
def test_an_agents_address_is_guarded_as_every_webhooks_is(alice: Agent, url: str) -> None:
    """S26, S27, S28, S30: nothing is sent to where it must not go."""
    made: Any = None
    with pytest.raises(InvalidRequest) as refused:
        move(alice, url)
    with pytest.raises(InvalidRequest) as at_birth:
        made = agents.create_agent(name="new", scopes=["events:read"], webhook_url=url)

    assert [fault.pointer for fault in refused.value.faults] == ["/webhook_url"]
    assert [fault.pointer for fault in at_birth.value.faults] == ["/webhook_url"]
    assert made is None
    assert not Agent.objects.exclude(webhook_url="").exists()
    assert not Agent.objects.filter(name="new").exists()


def test_an_agent_is_made_with_its_address(receiver: Receiver) -> None:
    agent, _ = agents.create_agent(name="new", scopes=["events:read"], webhook_url=receiver.url)

    assert Agent.objects.get(pk=agent.pk).webhook_url == receiver.url
