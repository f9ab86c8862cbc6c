"""Who was an admin is sent nothing of others any more, in the middle of a turn and when it asks for it again."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.exceptions import NotPermitted
from tasks_app.models import Agent, Webhook, WebhookDelivery
from tasks_app.services import agents, webhooks
from tasks_app.services.actor import SYSTEM
from tasks_app.webhooks import moves
from tests.integration.api.making import client_of
from tests.integration.streams.listening import happen
from tests.integration.webhooks.receiver import Receiver, deliver_all, subscribe
from tests.making import make_agent, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]


@pytest.fixture
def boss(db: None) -> Agent:
    return make_agent(scopes=("admin", "events:read"))


def demote(boss: Agent) -> None:
    agents.set_scopes(boss, ["events:read"], actor=SYSTEM)
    boss.refresh_from_db()


def test_in_the_middle_of_a_turn_only_what_is_its_own_is_still_sent(
    receiver: Receiver, boss: Agent, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = subscribe(boss, receiver, "task.*")
    theirs, own = make_task(created_by=alice), make_task(created_by=boss)
    happen(2, to=theirs)
    happen(1, to=own)
    happen(1, to=theirs)
    deliver_one = moves.delivered

    def delivered(*told: Any, **more: Any) -> None:
        deliver_one(*told, **more)
        if receiver.positions == [1]:
            demote(boss)

    monkeypatch.setattr(moves, "delivered", delivered)

    assert deliver_all() == 2
    assert receiver.positions == [1, 3]
    webhook.refresh_from_db()
    assert webhook.pos >= 4
    happen(1, to=theirs)
    happen(1, to=own)
    assert deliver_all() == 1
    assert receiver.posts[-1].event["agent"] == str(boss.pk)


def test_an_event_of_others_is_not_sent_again_to_who_was_an_admin(
    receiver: Receiver, boss: Agent, alice: Agent
) -> None:
    webhook = subscribe(boss, receiver, "task.*")
    happen(1, to=make_task(created_by=alice))
    happen(1, to=make_task(created_by=boss))
    deliver_all()
    theirs, own = WebhookDelivery.objects.get(pos=1), WebhookDelivery.objects.get(pos=2)
    webhooks.ask_replay(theirs, actor=SYSTEM)

    demote(boss)
    deliver_all()

    assert receiver.positions == [1, 2]
    assert not WebhookDelivery.objects.exclude(replay_asked_at=None).exists()
    client: APIClient = client_of(boss)
    refused, taken = (
        client.post(f"/api/v1/webhooks/{webhook.pk}/deliveries/{each.pk}/replay") for each in (theirs, own)
    )
    assert (refused.status_code, refused.json()["code"], taken.status_code) == (403, "not_permitted", 202)
    with pytest.raises(NotPermitted, match="no admin any more"):
        webhooks.ask_replay(WebhookDelivery.objects.get(pos=1), actor=SYSTEM)
    deliver_all()
    assert receiver.positions == [1, 2, 2]


def test_what_a_webhook_wants_no_more_is_sent_again_all_the_same(receiver: Receiver, alice: Agent) -> None:
    webhook = subscribe(alice, receiver, "task.*")
    happen(1, to=make_task(created_by=alice))
    deliver_all()
    webhooks.update_webhook(Webhook.objects.get(pk=webhook.pk), actor=SYSTEM, changes={"event_types": ["run.*"]})

    webhooks.ask_replay(WebhookDelivery.objects.get(pos=1), actor=SYSTEM)
    deliver_all()

    assert receiver.positions == [1, 1]
