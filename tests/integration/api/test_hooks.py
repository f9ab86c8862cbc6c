"""Addresses at which other programs' webhooks come in: who makes them, and what is shown of them."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tasks_app import vault
from tasks_app.models import Agent, AuditEntry, Hook
from tasks_app.services import hooks
from tasks_app.services.actor import SYSTEM
from tests.making import make_agent

HOOKS = "/api/v1/hooks"
HOOK = {"name": "Our code", "topic": "code", "preset": "github"}


def made(client: APIClient, **fields: Any) -> dict[str, Any]:
    answer = client.post(HOOKS, HOOK | fields)
    assert answer.status_code == 201, answer.json()
    shown: dict[str, Any] = answer.json()
    return shown


def test_token_and_secret_are_shown_once_and_kept_as_nobody_can_read_them(as_alice: APIClient, alice: Agent) -> None:
    answer = as_alice.post(HOOKS, HOOK)
    shown = answer.json()
    row = Hook.objects.get()

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Location"].endswith(f"{HOOKS}/{row.pk}")
    assert shown["url"] == f"http://testserver/hooks/{shown['token']}"
    assert (shown["created_by"], shown["active"], shown["received_at"]) == (str(alice.pk), True, None)
    assert vault.unseal(row.sealed) == shown["secret"]
    kept = str(Hook.objects.values().get())
    later = as_alice.get(f"{HOOKS}/{row.pk}").json()
    assert later == {name: value for name, value in shown.items() if name not in {"url", "token", "secret"}}
    assert as_alice.get(HOOKS).json()["items"] == [later]
    for hidden in (shown["token"], shown["secret"]):
        assert hidden not in kept
        assert hidden not in str(list(AuditEntry.objects.values()))


def test_a_generic_hook_has_headers_of_its_own_or_the_usual_ones(as_alice: APIClient) -> None:
    hook = made(as_alice, preset="generic", signature_header="X-Shop-Signature")

    names = ("signature_header", "timestamp_header", "delivery_header")
    assert [hook[name] for name in names] == ["X-Shop-Signature", "X-Timestamp", "X-Delivery-Id"]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"topic": "Code"}, "/topic"),
        ({"topic": "code.*"}, "/topic"),
        ({"topic": ""}, "/topic"),
        ({"name": ""}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"preset": "gitea"}, "/preset"),
        ({"secret": "short"}, "/secret"),
        ({"secret": "x" * 201}, "/secret"),
        ({"signature_header": "X-Mine"}, "/signature_header"),
        ({"preset": "generic", "signature_header": "X Mine"}, "/signature_header"),
        ({"overlap_seconds": 0}, "/overlap_seconds"),
        ({"token": "mine"}, "/token"),
        ({"id": "0f6b6b0e-0000-7000-8000-000000000000"}, "/id"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_place(
    as_alice: APIClient, fields: dict[str, Any], pointer: str
) -> None:
    answer = as_alice.post(HOOKS, HOOK | fields)

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert not Hook.objects.exists()


def test_a_hook_is_changed_by_its_owner_and_an_admin_and_nobody_else(
    as_alice: APIClient, as_bob: APIClient, as_admin: APIClient
) -> None:
    address = f"{HOOKS}/{made(as_alice)['id']}"

    foreign = [
        as_bob.get(address),
        as_bob.patch(address, {"active": False}),
        as_bob.post(f"{address}/rotate"),
        as_bob.delete(address),
    ]
    assert [answer.status_code for answer in foreign] == [404] * 4
    assert as_bob.get(HOOKS).json()["items"] == []
    assert as_admin.patch(address, {"topic": "other"}).json()["topic"] == "other"
    assert as_alice.patch(address, {"preset": "gitlab"}).status_code == 422
    assert as_alice.patch(address, {"active": False, "secret": "a new secret of ours"}).json()["active"] is False
    assert vault.unseal(Hook.objects.get().sealed) == "a new secret of ours"
    assert as_alice.delete(address).status_code == 204
    actions = list(AuditEntry.objects.exclude(action="request.refused").order_by("id").values_list("action", flat=True))
    assert actions == ["hook.created", "hook.updated", "hook.updated", "hook.deleted"]


def test_another_token_takes_the_place_of_the_first(as_alice: APIClient) -> None:
    first = made(as_alice)

    second = as_alice.post(f"{HOOKS}/{first['id']}/rotate").json()

    assert second["url"].endswith(second["token"])
    assert Hook.objects.get().token_hash == hooks.hash_of(second["token"]) != hooks.hash_of(first["token"])


def test_only_an_admin_makes_a_hook_for_another_agent(as_alice: APIClient, as_admin: APIClient, alice: Agent) -> None:
    bob = make_agent(scopes=("events:publish",))

    assert as_alice.post(HOOKS, HOOK | {"created_by": str(bob.pk)}).status_code == 403
    assert made(as_admin, created_by=str(alice.pk))["created_by"] == str(alice.pk)


def test_an_agent_has_only_so_many(as_alice: APIClient, alice: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "MOST_HOOKS", 1)
    made(as_alice)

    assert as_alice.post(HOOKS, HOOK).status_code == 409
    hooks.create_hook(make_agent(), actor=SYSTEM, **HOOK)


def test_the_former_secret_is_good_for_as_long_as_is_asked(as_alice: APIClient) -> None:
    address = f"{HOOKS}/{made(as_alice)['id']}"

    usual = as_alice.patch(address, {"secret": "a second secret of ours"}).json()
    at_once = as_alice.patch(address, {"secret": "a third secret of ours", "overlap_seconds": 0}).json()
    alone = as_alice.patch(address, {"overlap_seconds": 60})

    assert usual["old_secret_until"] is not None
    assert at_once["old_secret_until"] is None
    assert (alone.status_code, alone.json()["errors"][0]["pointer"]) == (422, "/overlap_seconds")
