"""The log of deliveries, and what has come in at hooks, are kept for so long and not longer."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from tasks_app.maintenance import prune
from tasks_app.models import Agent, Hook, HookReceipt, WebhookDelivery
from tasks_app.models.ids import new_id
from tests.integration.webhooks.receiver import Receiver, subscribe

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]


def log(webhook: object, number: int) -> None:
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(webhook=webhook, pos=pos, event_id=new_id(), event_type="run.failed", state="delivered")
        for pos in range(1, number + 1)
    )


def test_of_each_webhook_the_newest_deliveries_are_kept(
    receiver: Receiver, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prune, "DELIVERIES_OF_A_WEBHOOK", 3)
    busy, quiet = subscribe(alice, receiver), subscribe(alice, receiver)
    log(busy, 8)
    log(quiet, 2)

    assert prune.run_once(batch=4)["deliveries"] == 4
    assert prune.run_once(batch=4)["deliveries"] == 1

    kept = [list(each.deliveries.order_by("pos").values_list("pos", flat=True)) for each in (busy, quiet)]
    assert kept == [[6, 7, 8], [1, 2]]


def test_deliveries_and_receipts_go_with_the_events_of_their_time(receiver: Receiver, alice: Agent) -> None:
    webhook = subscribe(alice, receiver)
    hook = Hook.objects.create(agent=alice, name="a", topic="a", preset="github", token_hash="a", sealed="a")
    log(webhook, 2)
    HookReceipt.objects.bulk_create(HookReceipt(hook=hook, key=key) for key in "ab")
    old = Now() - timedelta(days=31)
    WebhookDelivery.objects.filter(pos=1).update(at=old)
    HookReceipt.objects.filter(key="a").update(at=old)

    pruned = prune.run_once()

    assert (pruned["deliveries"], pruned["receipts"]) == (1, 1)
    assert WebhookDelivery.objects.get().pos == 2
    assert HookReceipt.objects.get().key == "b"
