"""A login that was begun for some scopes reaches no more by what it leaves behind."""

from collections.abc import Iterator

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent, Hook, Webhook, WebhookDelivery
from tests.integration.api.making import client_of, narrowed
from tests.integration.streams.listening import happen
from tests.integration.webhooks.receiver import Receiver, deliver_all, receiving, subscribe
from tests.making import make_task

HOOK = {"name": "Our code", "topic": "code", "preset": "github"}


@pytest.fixture
def receiver(redis_emptied: None) -> Iterator[Receiver]:
    with receiving() as started:
        yield started


def test_an_admins_narrow_login_makes_and_moves_nothing_that_outlives_it(
    admin: Agent, alice: Agent, receiver: Receiver
) -> None:
    webhook, hook = subscribe(admin, receiver), client_of(admin).post("/api/v1/hooks", HOOK).json()
    happen(1, to=make_task(created_by=alice))
    deliver_all()
    address, delivery = f"/api/v1/webhooks/{webhook.pk}", WebhookDelivery.objects.get(pos=1).pk
    narrow = narrowed(admin, "events:read", "events:publish")

    refused = [
        narrow.post("/api/v1/webhooks", {"url": receiver.url, "event_types": ["*"]}),
        narrow.patch(address, {"active": False}),
        narrow.post(f"{address}/rotate"),
        narrow.post(f"{address}/deliveries/{delivery}/replay"),
        narrow.post("/api/v1/hooks", HOOK | {"name": "Another"}),
        narrow.patch(f"/api/v1/hooks/{hook['id']}", {"name": "Another"}),
        narrow.post(f"/api/v1/hooks/{hook['id']}/rotate"),
    ]

    assert [answer.status_code for answer in refused] == [403] * 7
    assert {answer.json()["code"] for answer in refused} == {"permission_denied"}
    assert all("log in with all scopes" in answer.json()["detail"] for answer in refused)
    assert (Webhook.objects.count(), Hook.objects.count()) == (1, 1)
    assert [narrow.get(address).status_code, narrow.delete(address).status_code] == [200, 204]


def test_an_admins_whole_login_and_others_narrow_ones_make_them_as_before(
    as_admin: APIClient, bob: Agent, receiver: Receiver
) -> None:
    fields, as_bob = {"url": receiver.url, "event_types": ["*"]}, narrowed(bob, "events:read", "events:publish")

    assert as_admin.post("/api/v1/webhooks", fields).status_code == 201
    assert as_bob.post("/api/v1/webhooks", fields).status_code == 201
    assert as_bob.post("/api/v1/hooks", HOOK).status_code == 201


def test_a_login_that_names_admin_is_a_whole_one(admin: Agent) -> None:
    assert narrowed(admin, "admin").post("/api/v1/hooks", HOOK).status_code == 201
