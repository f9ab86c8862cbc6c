"""Events reach the address that an agent names: signed, in order, until they are taken."""

import hmac
import time
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.test import override_settings

from tasks_app import vault
from tasks_app.conf import conf
from tasks_app.models import Agent, AuditEntry, OutboxEntry, Webhook, WebhookDelivery
from tasks_app.services import webhooks
from tasks_app.services.actor import SYSTEM
from tasks_app.webhooks import deliver, moves, sending, wanted
from tests.integration.streams.listening import happen
from tests.integration.webhooks.receiver import Post, Receiver, deliver_all, subscribe
from tests.making import events_of, make_agent, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]


def hurry() -> None:
    """Let the time of the next try have come."""
    Webhook.objects.update(next_at=Now())


def row() -> Webhook:
    return Webhook.objects.get()


def test_an_event_is_sent_as_the_api_shows_it_and_signed(receiver: Receiver, alice: Agent) -> None:
    webhook = subscribe(alice, receiver, "task.*")
    happen(1, to=make_task(created_by=alice), token="hidden", title="New")

    assert deliver_all() == 1

    [post] = receiver.posts
    [event] = OutboxEntry.objects.get().events()
    assert post.event == event.envelope | {"data": {"token": "***", "title": "New"}}
    assert post.headers["content-type"] == "application/json"
    assert post.headers["ordinaut-event-id"] == post.headers["idempotency-key"] == str(event.id)
    assert post.headers["ordinaut-event-type"] == "task.updated"
    parts = dict(part.split("=") for part in post.headers["ordinaut-signature"].split(","))
    secret = vault.unseal(webhook.sealed)
    expected = hmac.new(secret.encode(), f"{parts['t']}.{post.body}".encode(), sha256).hexdigest()
    assert parts["v1"] == expected
    assert abs(int(parts["t"]) - time.time()) < 60
    [delivery] = WebhookDelivery.objects.all()
    assert (delivery.state, delivery.attempts, delivery.status, delivery.error) == ("delivered", 1, 204, "")


def test_events_come_in_order_and_each_once(receiver: Receiver, alice: Agent) -> None:
    subscribe(alice, receiver)
    task = make_task(created_by=alice)
    happen(5, to=task)
    deliver_all()
    happen(3, to=task)

    assert deliver_all() == 3
    assert deliver_all() == 0
    assert receiver.positions == list(range(1, 9))


def test_what_happened_before_is_not_sent(receiver: Receiver, alice: Agent) -> None:
    task = make_task(created_by=alice)
    happen(2, to=task)
    subscribe(alice, receiver)

    happen(1, to=task)
    deliver_all()

    assert receiver.positions == [3]


def test_each_is_sent_what_it_wants_and_may_see(receiver: Receiver, alice: Agent) -> None:
    bob, admin = make_agent(scopes=("events:read",)), make_agent(scopes=("admin",))
    hooked = [
        subscribe(alice, receiver, "task.paused", "run.*"),
        subscribe(alice, receiver, "*"),
        subscribe(bob, receiver, "task.*"),
        subscribe(admin, receiver, "task.resumed"),
    ]
    happen(1, to=make_task(created_by=alice), kind="task.paused")
    happen(1, to=make_task(created_by=bob), kind="task.resumed")

    deliver_all()

    sent = {
        webhook.pk: list(WebhookDelivery.objects.filter(webhook=webhook).values_list("pos", flat=True))
        for webhook in hooked
    }
    assert [sent[webhook.pk] for webhook in hooked] == [[1], [1], [2], [2]]


@pytest.mark.parametrize("change", [{"active": False}, {"scopes": ["tasks:read"]}])
def test_an_agent_that_may_not_read_events_now_is_sent_nothing_until_it_may(
    receiver: Receiver, alice: Agent, change: dict[str, object]
) -> None:
    subscribe(alice, receiver)
    task = make_task(created_by=alice)
    happen(1, to=task)
    wanted.run_once()
    Agent.objects.filter(pk=alice.pk).update(**change)
    assert deliver_all() == 0

    Agent.objects.filter(pk=alice.pk).update(active=True, scopes=["events:read"])

    assert deliver_all() == 1


def test_what_is_not_taken_is_tried_again_before_anything_else(receiver: Receiver, alice: Agent) -> None:
    subscribe(alice, receiver)
    happen(3, to=make_task(created_by=alice))
    receiver.answer = lambda post: (500 if post.event["pos"] == 2 and len(receiver.posts) < 3 else 200, {})

    assert deliver_all() == 1
    assert moves.claim(limit=1) == [], "it is not tried again at once"
    assert (row().failures, row().pos) == (1, 1)
    assert row().next_at > row().failing_since  # type: ignore[operator]
    hurry()
    deliver_all()
    hurry()
    deliver_all()

    assert receiver.positions == [1, 2, 2, 2, 3]
    assert (row().failures, row().failing_since, row().pos) == (0, None, 3)
    second = WebhookDelivery.objects.get(pos=2)
    assert (second.state, second.attempts, second.status) == ("delivered", 3, 200)


def test_the_wait_doubles_up_to_five_minutes_and_heeds_the_receiver(receiver: Receiver, alice: Agent) -> None:
    subscribe(alice, receiver)
    happen(1, to=make_task(created_by=alice))
    waits = []
    for _ in range(11):
        receiver.answer = lambda _: (503, {})
        hurry()
        deliver_all()
        waits.append((row().next_at - WebhookDelivery.objects.get().at).total_seconds())
    receiver.answer = lambda _: (429, {"Retry-After": "250"})
    Webhook.objects.update(next_at=Now(), failures=1)
    deliver_all()

    for nth, wait in enumerate(waits):
        longest = min(2.0**nth, 300)
        assert longest / 2 - 0.5 <= wait <= longest + 0.5
    assert 249 <= (row().next_at - WebhookDelivery.objects.get().at).total_seconds() <= 251


def test_one_that_fails_keeps_no_other_waiting(receiver: Receiver, alice: Agent) -> None:
    broken, good = subscribe(alice, receiver), subscribe(alice, receiver)
    Webhook.objects.filter(pk=broken.pk).update(url=f"http://127.0.0.1:{receiver.port}/broken")
    receiver.answer = lambda post: (500 if post.path == "/broken" else 200, {})
    happen(3, to=make_task(created_by=alice))

    deliver_all()

    assert [post.event["pos"] for post in receiver.posts if post.path == "/events"] == [1, 2, 3]
    assert Webhook.objects.get(pk=good.pk).failures == 0
    assert Webhook.objects.get(pk=broken.pk).failures == 1


def test_nobody_who_takes_anything_for_long_is_sent_nothing_more_until_it_is_asked_for(
    receiver: Receiver, alice: Agent
) -> None:
    webhook = subscribe(alice, receiver)
    happen(1, to=make_task(created_by=alice))
    receiver.answer = lambda _: (500, {})
    deliver_all()
    Webhook.objects.update(failures=3, failing_since=Now() - timedelta(days=2), next_at=Now())
    deliver_all()
    assert row().active, "a few failures are not enough"
    hurry()
    deliver_all()

    assert not row().active
    assert row().disabled_reason.startswith("It has taken nothing since ")
    assert row().disabled_reason.endswith("in 5 tries: answered 500")
    assert WebhookDelivery.objects.get().state == "failed"
    assert events_of(alice) == ["agent.webhook_disabled"]
    assert AuditEntry.objects.filter(action="webhook.disabled", object_id=webhook.pk).count() == 1
    hurry()
    assert moves.claim(limit=1) == []

    receiver.answer = lambda _: (200, {})
    webhooks.update_webhook(webhook, actor=SYSTEM, changes={"active": True})
    happen(1, to=make_task(created_by=alice))
    assert deliver_all() >= 2
    assert (row().disabled_reason, row().failures) == ("", 0)
    assert events_of(alice) == ["agent.webhook_disabled", "agent.webhook_enabled"]
    assert sorted(receiver.positions[3:]) == receiver.positions[3:]


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:1/", "the operator can allow 127.0.0.1:1"),
        ("http://169.254.169.254/latest", "closed to tools"),
        ("http://[::1]/", "closed to tools"),
    ],
)
def test_what_is_not_public_is_not_sent_to_wherever_it_came_from(
    receiver: Receiver, alice: Agent, url: str, error: str
) -> None:
    subscribe(alice, receiver)
    Webhook.objects.update(url=url)
    happen(1, to=make_task(created_by=alice))

    assert deliver_all() == 0

    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.status) == ("retrying", None)
    assert error in delivery.error


def test_a_redirect_is_not_followed(receiver: Receiver, alice: Agent) -> None:
    subscribe(alice, receiver)
    happen(1, to=make_task(created_by=alice))
    receiver.answer = lambda _: (307, {"Location": "/elsewhere"})

    deliver_all()

    assert [post.path for post in receiver.posts] == ["/events"]
    assert WebhookDelivery.objects.get().error == "answered 307"


def test_a_receiver_that_takes_its_time_is_given_up(
    receiver: Receiver, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "DEADLINE_SECONDS", 0.3)
    subscribe(alice, receiver)
    happen(1, to=make_task(created_by=alice))

    def slow(_: Post) -> tuple[int, dict[str, str]]:
        time.sleep(0.6)
        return 200, {}

    receiver.answer = slow
    deliver_all()

    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.status) == ("retrying", None)
    assert "not done in time" in delivery.error


def test_what_was_pruned_is_counted_and_the_rest_is_sent(receiver: Receiver, alice: Agent) -> None:
    subscribe(alice, receiver)
    happen(5, to=make_task(created_by=alice))
    wanted.run_once()
    OutboxEntry.objects.filter(pos__lte=3).delete()

    assert deliver_all() == 2
    assert (row().missed, receiver.positions) == (3, [4, 5])


def test_a_process_that_was_too_slow_notes_nothing(receiver: Receiver, alice: Agent) -> None:
    subscribe(alice, receiver)
    happen(2, to=make_task(created_by=alice))
    wanted.run_once()
    [slow] = moves.claim(limit=1)
    assert moves.claim(limit=1) == []
    Webhook.objects.update(lease_until=Now() - timedelta(seconds=1))
    [quick] = moves.claim(limit=1)

    with pytest.raises(moves.WebhookLost):
        deliver.deliver(slow)

    assert receiver.posts == []
    assert deliver.deliver(quick) == 2


@pytest.mark.parametrize("meanwhile", ["changed", "switched off", "rotated", "deleted"])
def test_what_was_changed_meanwhile_is_not_delivered_by_the_old_orders(
    receiver: Receiver, alice: Agent, meanwhile: str
) -> None:
    webhook = subscribe(alice, receiver)
    happen(3, to=make_task(created_by=alice))
    wanted.run_once()
    [hold] = moves.claim(limit=1)

    def change(_: Post) -> tuple[int, dict[str, str]]:
        return 200, {}

    receiver.answer = change
    {
        "changed": lambda: webhooks.update_webhook(webhook, actor=SYSTEM, changes={"event_types": ["run.*"]}),
        "switched off": lambda: webhooks.update_webhook(webhook, actor=SYSTEM, changes={"active": False}),
        "rotated": lambda: webhooks.rotate_secret(webhook, actor=SYSTEM),
        "deleted": lambda: webhooks.delete_webhook(webhook, actor=SYSTEM),
    }[meanwhile]()

    with pytest.raises(moves.WebhookLost):
        deliver.deliver(hold)

    assert receiver.posts == []


def test_a_turn_ends_so_that_others_have_theirs(
    receiver: Receiver, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "TURN_SECONDS", 0.0)
    subscribe(alice, receiver)
    happen(2, to=make_task(created_by=alice))

    assert deliver_all() == 0
    monkeypatch.setattr(deliver, "TURN_SECONDS", 20.0)
    assert deliver_all() == 2


def test_a_webhook_whose_key_is_gone_rests(receiver: Receiver, alice: Agent) -> None:
    subscribe(alice, receiver)
    happen(1, to=make_task(created_by=alice))
    wanted.run_once()
    [hold] = moves.claim(limit=1)
    with override_settings(ORDINAUT=replace(conf(), secrets_keys=())), pytest.raises(vault.NoKey):
        deliver.deliver(hold)

    assert moves.claim(limit=1) == []
    Webhook.objects.update(lease_until=F("lease_until") - timedelta(seconds=61))
    assert deliver_all() == 1


def test_a_delivery_is_sent_once_more_when_somebody_asks(receiver: Receiver, alice: Agent) -> None:
    subscribe(alice, receiver)
    happen(3, to=make_task(created_by=alice))
    deliver_all()
    second = WebhookDelivery.objects.get(pos=2)

    webhooks.ask_replay(second, actor=SYSTEM)
    deliver_all()
    receiver.answer = lambda _: (500, {})
    webhooks.ask_replay(second, actor=SYSTEM)
    deliver_all()
    deliver_all()

    assert receiver.positions == [1, 2, 3, 2, 2]
    second.refresh_from_db()
    assert (second.state, second.attempts, second.status, second.replay_asked_at) == ("failed", 3, 500, None)
    assert (row().pos, row().failures) == (3, 0)


def test_a_replay_whose_event_was_pruned_meanwhile_is_forgotten(receiver: Receiver, alice: Agent) -> None:
    subscribe(alice, receiver)
    happen(2, to=make_task(created_by=alice))
    deliver_all()
    webhooks.ask_replay(WebhookDelivery.objects.get(pos=1), actor=SYSTEM)
    OutboxEntry.objects.filter(pos=1).delete()

    deliver_all()

    assert receiver.positions == [1, 2]
    assert not WebhookDelivery.objects.exclude(replay_asked_at=None).exists()
