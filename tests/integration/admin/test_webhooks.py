"""Operators see how webhooks and hooks go, and switch them off, on, or send again, through the services."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from tasks_app.models import AuditEntry, Hook, Webhook, WebhookDelivery
from tasks_app.services import hooks, webhooks
from tasks_app.services.actor import SYSTEM
from tests.integration.admin.conftest import act, list_of, page_of, said
from tests.integration.streams.listening import happen
from tests.making import make_agent, make_task


@pytest.fixture
def webhook() -> Webhook:
    agent = make_agent(scopes=("events:read",))
    url = "https://hooks.example.org/secret-in-the-path"
    return webhooks.create_webhook(agent, url=url, event_types=["run.*"], actor=SYSTEM)[0]


@pytest.fixture
def delivery(webhook: Webhook) -> WebhookDelivery:
    happen(1, to=make_task(created_by=webhook.agent))
    return WebhookDelivery.objects.create(
        webhook=webhook, pos=1, event_id=uuid4(), event_type="task.updated", state="failed", error="<b>bad</b>"
    )


@pytest.fixture
def hook() -> Hook:
    agent = make_agent(scopes=("events:publish",))
    return hooks.create_hook(agent, actor=SYSTEM, name="Our code", topic="code", preset="github")[0]


def test_lists_and_pages_show_how_it_goes_and_neither_secrets_nor_paths(
    operator: Client, webhook: Webhook, delivery: WebhookDelivery, hook: Hook
) -> None:
    rows = (webhook, delivery, hook)
    pages = [operator.get(address) for row in rows for address in (list_of(type(row)), page_of(row))]
    seen = "".join(page.content.decode() for page in pages)

    assert {page.status_code for page in pages} == {200}
    assert all(word in seen for word in ("hooks.example.org", "task.updated", "Our code", "&lt;b&gt;bad"))
    assert not any(hidden in seen for hidden in ("secret-in-the-path", webhook.sealed, hook.sealed, hook.token_hash))


@pytest.mark.parametrize("kind", ["webhook", "hook"])
def test_it_is_switched_off_and_on_by_the_service(operator: Client, webhook: Webhook, hook: Hook, kind: str) -> None:
    row: Webhook | Hook = webhook if kind == "webhook" else hook

    off = act(operator, "disable", row)
    row.refresh_from_db()
    assert (row.active, said(off)) == (False, [f"1 {kind} switched off."])

    on = act(operator, "enable", row)
    row.refresh_from_db()
    assert (row.active, said(on)[-1]) == (True, f"1 {kind} switched on.")
    entries = AuditEntry.objects.filter(action=f"{kind}.updated", actor="user:ops")
    assert entries.count() == 2


def test_a_delivery_is_sent_once_more_or_the_refusal_told(operator: Client, delivery: WebhookDelivery) -> None:
    asked = act(operator, "replay", delivery)
    delivery.refresh_from_db()
    assert delivery.replay_asked_at is not None
    assert said(asked) == ["1 webhook delivery will be sent once more."]

    Webhook.objects.update(active=False)
    refused = act(operator, "replay", delivery)
    assert "switched off" in said(refused)[-1]


@pytest.mark.parametrize("kind", ["webhook", "hook"])
def test_deleting_is_the_services_work_and_needs_its_permission(
    operator: Client, staff_with: Callable[..., Client], webhook: Webhook, hook: Hook, kind: str
) -> None:
    row: Webhook | Hook = webhook if kind == "webhook" else hook

    act(staff_with(f"view_{kind}", f"change_{kind}"), "remove", row)
    assert type(row).objects.filter(pk=row.pk).exists()

    act(operator, "remove", row)
    assert not type(row).objects.filter(pk=row.pk).exists()
    assert AuditEntry.objects.filter(action=f"{kind}.deleted", actor="user:ops").count() == 1


def test_who_may_only_look_changes_nothing(staff_with: Callable[..., Client], webhook: Webhook) -> None:
    act(staff_with("view_webhook"), "disable", webhook)

    webhook.refresh_from_db()
    assert webhook.active
