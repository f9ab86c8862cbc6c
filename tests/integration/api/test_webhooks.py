"""Where an agent is sent its events: who may say so, and what is shown of it."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app import vault
from tasks_app.models import Agent, AuditEntry, OutboxEntry, Webhook, WebhookDelivery
from tasks_app.services import webhooks
from tasks_app.states import DeliveryState
from tests.integration.streams.listening import happen
from tests.integration.webhooks.receiver import Receiver, deliver_all, receiving
from tests.making import make_agent, make_task

pytestmark = pytest.mark.usefixtures("redis_emptied")

WEBHOOKS = "/api/v1/webhooks"


@pytest.fixture
def receiver(db: None) -> Any:
    with receiving() as started:
        yield started


def made(client: APIClient, receiver: Receiver, **fields: Any) -> dict[str, Any]:
    answer = client.post(WEBHOOKS, {"url": receiver.url, "event_types": ["*"]} | fields)
    assert answer.status_code == 201, answer.json()
    shown: dict[str, Any] = answer.json()
    return shown


def test_the_secret_is_shown_once_and_kept_as_nobody_can_read_it(
    as_alice: APIClient, alice: Agent, receiver: Receiver
) -> None:
    answer = as_alice.post(WEBHOOKS, {"url": receiver.url, "event_types": ["run.*", "run.*", "task.paused"]})
    shown = answer.json()
    row = Webhook.objects.get()

    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Location"].endswith(f"{WEBHOOKS}/{row.pk}")
    assert (shown["created_by"], shown["event_types"]) == (str(alice.pk), ["run.*", "task.paused"])
    assert vault.unseal(row.sealed) == shown["secret"]
    assert shown["secret"] not in str(Webhook.objects.values().get())
    assert shown["secret"] not in str(list(AuditEntry.objects.values()))
    later = as_alice.get(f"{WEBHOOKS}/{row.pk}").json()
    assert later == {name: value for name, value in shown.items() if name != "secret"}
    assert as_alice.get(WEBHOOKS).json()["items"] == [later]


@pytest.mark.parametrize(
    ("fields", "pointer", "cure"),
    [
        ({"url": "ftp://example.org"}, "/url", "https://example.org"),
        ({"url": "https://"}, "/url", "https://example.org"),
        ({"url": "http://example.org/x"}, "/url", "Use https"),
        ({"url": "https://127.0.0.1/"}, "/url", "closed to tools"),
        ({"url": "https://[::ffff:169.254.169.254]/"}, "/url", "closed to tools"),
        ({"url": "https://2130706433/"}, "/url", "closed to tools"),
        ({"url": "https://8.8.8.8:8443/"}, "/url", "port 8443"),
        ({"url": "https://me:word@example.org/"}, "/url", "name, password"),
        ({"url": "https://example.org/#a"}, "/url", "fragment"),
        ({"url": "https://example.org:x/"}, "/url", "not an address"),
        ({"url": "https://example.org/\r\nX: y"}, "/url", "https://example.org"),
        ({"url": "https://example.org/" + "x" * 2000}, "/url", "2000"),
        ({"event_types": []}, "/event_types", "1 to 50"),
        ({"event_types": ["*"] * 51}, "/event_types", "1 to 50"),
        ({"event_types": ["run.succeeded", "Run"]}, "/event_types/1", "run.*"),
        ({"event_types": ["run.*", "run.faild"]}, "/event_types/1", "'run.failed'"),
        ({"secret": "mine"}, "/secret", "no such field"),
        ({"active": False}, "/active", "no such field"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_place_and_cure(
    as_alice: APIClient, receiver: Receiver, fields: dict[str, Any], pointer: str, cure: str
) -> None:
    answer = as_alice.post(WEBHOOKS, {"url": receiver.url, "event_types": ["*"]} | fields)

    assert answer.status_code == 422
    [fault] = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert cure in fault["message"]
    assert not Webhook.objects.exists()


def test_a_webhook_is_its_owners_and_an_admins(
    as_alice: APIClient, as_bob: APIClient, as_admin: APIClient, receiver: Receiver
) -> None:
    address = f"{WEBHOOKS}/{made(as_alice, receiver)['id']}"
    happen(1, to=make_task(created_by=Agent.objects.get(webhooks__isnull=False)))
    deliver_all()
    [delivery] = as_alice.get(f"{address}/deliveries").json()["items"]

    foreign = [
        as_bob.get(address),
        as_bob.patch(address, {"active": False}),
        as_bob.delete(address),
        as_bob.post(f"{address}/rotate"),
        as_bob.get(f"{address}/deliveries"),
        as_bob.post(f"{address}/deliveries/{delivery['id']}/replay"),
    ]
    assert [answer.status_code for answer in foreign] == [404] * 6
    assert as_bob.get(WEBHOOKS).json()["items"] == []
    mine = made(as_bob, receiver)
    across = as_bob.post(f"{WEBHOOKS}/{mine['id']}/deliveries/{delivery['id']}/replay")
    assert across.status_code == 404
    assert as_admin.patch(address, {"event_types": ["run.*"]}).json()["event_types"] == ["run.*"]
    assert as_alice.patch(address, {"url": "https://127.0.0.1/"}).status_code == 422
    assert as_alice.delete(address).status_code == 204
    assert as_alice.get(address).status_code == 404


def test_only_an_admin_makes_one_for_another_agent(
    as_alice: APIClient, as_admin: APIClient, alice: Agent, receiver: Receiver
) -> None:
    fields = {"url": receiver.url, "event_types": ["*"]}

    assert as_alice.post(WEBHOOKS, fields | {"created_by": str(make_agent().pk)}).status_code == 403
    assert made(as_admin, receiver, created_by=str(alice.pk))["created_by"] == str(alice.pk)


def test_an_agent_has_only_so_many(
    as_alice: APIClient, as_bob: APIClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "MOST_WEBHOOKS", 1)
    made(as_alice, receiver)

    refused = as_alice.post(WEBHOOKS, {"url": receiver.url, "event_types": ["*"]})

    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_move")
    made(as_bob, receiver)


def test_what_was_sent_is_listed_and_can_be_asked_for_again(
    as_alice: APIClient, alice: Agent, receiver: Receiver
) -> None:
    address = f"{WEBHOOKS}/{made(as_alice, receiver)['id']}"
    receiver.answer = lambda post: (500 if post.event["pos"] == 3 else 200, {})
    happen(3, to=make_task(created_by=alice))
    deliver_all()

    listed = as_alice.get(f"{address}/deliveries?limit=2").json()
    failing = as_alice.get(f"{address}/deliveries?state=retrying").json()["items"]

    assert [each["pos"] for each in listed["items"]] == [3, 2]
    assert [each["pos"] for each in as_alice.get(listed["next"]).json()["items"]] == [1]
    assert [(each["pos"], each["status"], each["error"]) for each in failing] == [(3, 500, "answered 500")]
    assert as_alice.get(f"{address}/deliveries?state=lost").status_code == 422
    first = as_alice.get(f"{address}/deliveries?ordering=pos").json()["items"][0]
    assert as_alice.post(f"{address}/deliveries/{first['id']}/replay").status_code == 202
    deliver_all()
    assert receiver.positions == [1, 2, 3, 1]


def test_what_cannot_be_sent_again_is_refused(as_alice: APIClient, alice: Agent, receiver: Receiver) -> None:
    address = f"{WEBHOOKS}/{made(as_alice, receiver)['id']}"
    happen(2, to=make_task(created_by=alice))
    deliver_all()
    replay = f"{address}/deliveries/{WebhookDelivery.objects.get(pos=1).pk}/replay"
    OutboxEntry.objects.filter(pos=1).delete()

    assert as_alice.post(replay).status_code == 409
    as_alice.patch(address, {"active": False})
    refused = as_alice.post(f"{address}/deliveries/{WebhookDelivery.objects.get(pos=2).pk}/replay")
    assert (refused.status_code, "switch it on" in refused.json()["detail"]) == (409, True)


def test_switched_on_again_it_goes_on_where_it_was(as_alice: APIClient, alice: Agent, receiver: Receiver) -> None:
    address, task = f"{WEBHOOKS}/{made(as_alice, receiver)['id']}", make_task(created_by=alice)
    as_alice.patch(address, {"active": False})
    happen(2, to=task)
    assert deliver_all() == 0

    shown = as_alice.patch(address, {"active": True}).json()
    deliver_all()

    assert (shown["active"], shown["disabled_reason"]) == (True, "")
    assert receiver.positions[:2] == [1, 2]
    assert as_alice.patch(address, {"active": True}).status_code == 200
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["webhook.created", "webhook.updated", "webhook.updated"]


def test_another_secret_signs_from_then_on(as_alice: APIClient, receiver: Receiver) -> None:
    first = made(as_alice, receiver)

    second = as_alice.post(f"{WEBHOOKS}/{first['id']}/rotate").json()["secret"]

    assert vault.unseal(Webhook.objects.get().sealed) == second != first["secret"]


def test_the_former_secret_is_good_for_as_long_as_is_asked(as_alice: APIClient, receiver: Receiver) -> None:
    address = f"{WEBHOOKS}/{made(as_alice, receiver)['id']}"

    as_alice.post(f"{address}/rotate")
    assert as_alice.get(address).json()["old_secret_until"] is not None
    as_alice.post(f"{address}/rotate", {"overlap_seconds": 0})
    assert as_alice.get(address).json()["old_secret_until"] is None
    assert as_alice.post(f"{address}/rotate", {"overlap_seconds": 604_801}).status_code == 422


def test_a_webhook_without_an_address_needs_its_agents(
    as_alice: APIClient, as_admin: APIClient, alice: Agent, receiver: Receiver
) -> None:
    refused = as_alice.post(WEBHOOKS, {"event_types": ["*"]})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/url")

    moved = as_admin.patch(f"/api/v1/agents/{alice.pk}", {"webhook_url": receiver.url})
    assert (moved.status_code, moved.json()["webhook_url"]) == (200, receiver.url)

    assert as_alice.post(WEBHOOKS, {"event_types": ["*"]}).json()["url"] == ""


def test_every_state_of_a_delivery_can_be_asked_for(as_alice: APIClient, receiver: Receiver) -> None:
    address = f"{WEBHOOKS}/{made(as_alice, receiver)['id']}/deliveries"

    assert {as_alice.get(f"{address}?state={state}").status_code for state in DeliveryState} == {200}
