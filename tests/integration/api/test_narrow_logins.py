"""A login that was begun for some scopes reaches no more by what it leaves behind."""

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app.models import Agent, Hook, Webhook, WebhookDelivery
from tests.integration.api.making import TASK, client_of, make_task, narrowed
from tests.integration.streams.listening import happen
from tests.integration.webhooks.receiver import Receiver, deliver_all, receiving, subscribe

HOOK = {"name": "Our code", "topic": "code", "preset": "github"}
TELLS = {"pipeline": [{"uses": "orchestrator.publish_event", "with": {"topic": "orders.paid", "payload": {}}}]}
SAVING = ("tasks:read", "tasks:create", "tasks:update")


@pytest.fixture
def receiver(redis_emptied: None) -> Iterator[Receiver]:
    with receiving() as started:
        yield started


def test_an_admins_narrow_login_makes_and_moves_nothing_that_outlives_it(
    admin: Agent, alice: Agent, receiver: Receiver
) -> None:
    webhook, hook = subscribe(admin, receiver), client_of(admin).post("/api/v1/hooks", HOOK).json()
    happen(1, to=make_task(alice))
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


def places(answer: Any) -> list[str]:
    """Where a scope is missing."""
    assert answer.status_code == 422, answer.json()
    errors = answer.json()["errors"]
    assert all("log in for events:publish too" in each["message"] for each in errors)
    return [each["pointer"] for each in errors]


def test_a_narrow_login_saves_no_step_that_it_may_not_use(alice: Agent) -> None:
    address, narrow = f"/api/v1/tasks/{make_task(alice).pk}", narrowed(alice, *SAVING)
    forbidden = TASK | {"payload": TELLS}

    assert places(narrow.post("/api/v1/tasks", forbidden)) == ["/payload/pipeline/0/uses"]
    assert places(narrow.patch(address, {"payload": TELLS})) == ["/payload/pipeline/0/uses"]
    assert places(narrow.put(address, forbidden)) == ["/payload/pipeline/0/uses"]
    assert places(narrow.post("/api/v1/tasks/bulk", {"tasks": [forbidden]})) == ["/tasks/0/payload/pipeline/0/uses"]
    assert narrow.patch(address, {"title": "Another"}).status_code == 200
    assert client_of(alice).patch(address, {"payload": TELLS}).status_code == 200


@pytest.mark.parametrize("verb", ["import", "plan", "apply"])
@pytest.mark.parametrize("present", ["This title", "Another"])
def test_a_narrow_login_saves_no_step_by_a_document(alice: Agent, verb: str, present: str) -> None:
    make_task(alice, title=present if verb != "import" else "Another")
    document = {"ordinaut": 1, "tasks": [TASK | {"title": "This title", "payload": TELLS}]}

    refused = narrowed(alice, *SAVING).post(f"/api/v1/tasks/{verb}", document)

    assert places(refused) == ["/tasks/0/payload/pipeline/0/uses"]
    assert client_of(alice).post(f"/api/v1/tasks/{verb}", document).status_code in {200, 201}


def test_a_narrow_login_is_told_beforehand_what_it_could_not_save(alice: Agent) -> None:
    broken = {"pipeline": [*TELLS["pipeline"], {"uses": "no.such"}]}

    told = narrowed(alice, *SAVING).post("/api/v1/pipelines/validate", {"payload": TELLS}).json()
    both = narrowed(alice, *SAVING).post("/api/v1/pipelines/validate", broken).json()

    assert (told["valid"], told["steps"]) == (False, [])
    assert [each["pointer"] for each in told["faults"]] == ["/payload/pipeline/0/uses"]
    assert sorted(each["pointer"] for each in both["faults"]) == ["/pipeline/0/uses", "/pipeline/1/uses"]
    assert client_of(alice).post("/api/v1/pipelines/validate", TELLS).json()["valid"]


def test_an_admin_who_changes_anothers_task_is_not_held_to_its_login(as_admin: APIClient, alice: Agent) -> None:
    task = make_task(alice)

    assert as_admin.patch(f"/api/v1/tasks/{task.pk}", {"payload": TELLS}).status_code == 200


def test_a_narrow_login_of_an_admin_saves_no_step_either(admin: Agent) -> None:
    address = f"/api/v1/tasks/{make_task(admin).pk}"

    assert places(narrowed(admin, *SAVING).patch(address, {"payload": TELLS})) == ["/payload/pipeline/0/uses"]
    assert client_of(admin).patch(address, {"payload": TELLS}).status_code == 200
