"""What can be asked about webhooks: to be sent one's events, to change or end that, and to be sent one of them again."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now
from django.views.decorators.debug import sensitive_variables

from pipelines.egress.addresses import AddressBlocked, AddressGuard, HostUnknown
from tasks_app.conf import conf
from tasks_app.events import history, outbox
from tasks_app.events.choice import InvalidChoice, check_pattern
from tasks_app.events.types import EventType
from tasks_app.exceptions import Fault, IllegalMove, InvalidRequest, NotPermitted
from tasks_app.models import Agent, ConsumerPosition, Webhook, WebhookDelivery
from tasks_app.models.clock import database_now
from tasks_app.models.webhook import GROUP
from tasks_app.services import audit, signing
from tasks_app.services.actor import SYSTEM, Actor
from tasks_app.services.guard import Guard, unguarded
from tasks_app.states import DeliveryState

MOST_WEBHOOKS: Final = 20  # of one agent
MOST_TYPES: Final = 50
LONGEST_URL: Final = 2000
_LOOK_UP_SECONDS: Final = 2.0
_PORTS: Final = {"http": 80, "https": 443}


@sensitive_variables()
def create_webhook(owner: Agent, *, event_types: Sequence[str], actor: Actor, url: str = "") -> tuple[Webhook, str]:
    """Send `owner` its events of these types from now on; answers the webhook and its secret, shown this once.

    url: empty for wherever the agent's `webhook_url` leads. Raises `InvalidRequest`, `IllegalMove` beyond 20 webhooks or where nothing encrypts.
    """
    if wrong := [*_of_url(url, owner), *_of_types(event_types)]:
        raise InvalidRequest(*wrong)
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        pos = looked_at()
        Agent.objects.select_for_update(no_key=True).get(pk=owner.pk)
        if Webhook.objects.filter(agent=owner).count() >= MOST_WEBHOOKS:
            raise IllegalMove(f"The agent has {MOST_WEBHOOKS} webhooks already: delete one first.")
        types = sorted(set(event_types))
        webhook = Webhook(agent=owner, url=url, event_types=types, pos=pos, wanted_pos=pos)
        signing.put(webhook, secret)
        webhook.save(force_insert=True)
        audit.note("webhook.created", webhook, actor=actor, host=urlsplit(url).hostname, event_types=types)
    return webhook, secret


def update_webhook(webhook: Webhook, *, actor: Actor, changes: Mapping[str, Any], guard: Guard = unguarded) -> Webhook:
    """Change `url`, `event_types`, `active`, or some of them. Switched on, it goes on where it was, at once.

    Raises `InvalidRequest`, and what the guard raises.
    """
    wrong = [*(_of_url(changes["url"], webhook.agent) if "url" in changes else ())]
    wrong += _of_types(changes["event_types"]) if "event_types" in changes else ()
    if wrong:
        raise InvalidRequest(*wrong)
    with transaction.atomic():
        pos = looked_at()
        present = Webhook.objects.select_for_update().get(pk=webhook.pk)
        guard(present)
        switched_on = changes.get("active", present.active) and not present.active
        new = {name: value for name, value in changes.items() if getattr(present, name) != value}
        if "event_types" in new:
            new["event_types"] = sorted(set(new["event_types"]))
        # Whoever delivers it now has other orders by then: it must look anew, and does so at once.
        held = {
            "term": F("term") + 1,
            "lease_until": None,
            "next_at": Now(),
            "wanted_pos": Greatest(F("wanted_pos"), pos),
        }
        fresh = {"failures": 0, "failing_since": None, "disabled_reason": ""} if switched_on else {}
        if new:
            Webhook.objects.filter(pk=present.pk).update(**new, **held, **fresh)
            audit.note("webhook.updated", present, actor=actor, changed=sorted(new))
        if switched_on:
            _record(EventType.AGENT_WEBHOOK_ENABLED, present, actor=actor)
    present.refresh_from_db()
    return present


@sensitive_variables()
def rotate_secret(webhook: Webhook, *, actor: Actor, overlap: timedelta = signing.USUAL_OVERLAP) -> str:
    """Sign with another secret from the next delivery on, and for `overlap` with the former, too; answers it, this once."""
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        present = Webhook.objects.select_for_update().get(pk=webhook.pk)
        signing.put(present, secret, overlap=overlap)
        kept = {name: getattr(present, name) for name in signing.FIELDS}
        Webhook.objects.filter(pk=webhook.pk).update(**kept, term=F("term") + 1, lease_until=None)
        audit.note("webhook.rotated", webhook, actor=actor, overlap_seconds=int(overlap.total_seconds()))
    return secret


def move(agent: Agent, url: str, *, actor: Actor) -> None:
    """Give the agent this `webhook_url`: webhooks that name no address go there from the next delivery on, or wait while it is
    empty. Raises `InvalidRequest`.
    """
    if refused := _refusal(url) if url else "":
        raise InvalidRequest(Fault("/webhook_url", refused))
    with transaction.atomic():
        pos = looked_at()
        if Agent.objects.filter(pk=agent.pk).exclude(webhook_url=url).update(webhook_url=url):
            wanted_pos = Greatest(F("wanted_pos"), pos)
            following = Webhook.objects.filter(agent=agent, url="")
            following.update(term=F("term") + 1, lease_until=None, next_at=Now(), wanted_pos=wanted_pos)
            audit.note("agent.webhook_moved", agent, actor=actor, host=urlsplit(url).hostname)


def delete_webhook(webhook: Webhook, *, actor: Actor, guard: Guard = unguarded) -> None:
    with transaction.atomic():
        guard(Webhook.objects.select_for_update().get(pk=webhook.pk))
        audit.note("webhook.deleted", webhook, actor=actor, host=urlsplit(webhook.url).hostname)
        Webhook.objects.filter(pk=webhook.pk).delete()


def switch_off(webhook: UUID, reason: str) -> None:
    """Send nothing more until somebody switches it on: nobody takes what it sends."""
    with transaction.atomic():
        # The agent first, as whoever gives it another address does.
        Agent.objects.select_for_update(no_key=True, of=("self",)).get(webhooks=webhook)
        present = Webhook.objects.select_for_update(of=("self",)).select_related("agent").get(pk=webhook)
        Webhook.objects.filter(pk=webhook).update(
            active=False, disabled_reason=reason, term=F("term") + 1, lease_until=None
        )
        retrying = WebhookDelivery.objects.filter(webhook=webhook, state=DeliveryState.RETRYING)
        retrying.update(state=DeliveryState.FAILED)
        _record(EventType.AGENT_WEBHOOK_DISABLED, present, actor=SYSTEM, reason=reason)
        audit.note("webhook.disabled", present, actor=SYSTEM, reason=reason)


def ask_replay(delivery: WebhookDelivery, *, actor: Actor) -> None:
    """Have the event of a delivery sent once more, beside what is sent in order.

    Raises `IllegalMove` when the webhook is off, or the event is not kept any more, and `NotPermitted` when its agent was an admin
    at that time and may not see it now.
    """
    webhook = delivery.webhook
    if not webhook.active:
        raise IllegalMove("The webhook is switched off: switch it on first.")
    event = next((event for event in history.events(delivery.pos - 1, 1) if event.pos == delivery.pos), None)
    if event is None:
        raise IllegalMove("The event is not kept any more.")
    if not (webhook.agent.is_admin or event.agent == webhook.agent_id):
        raise NotPermitted("The event is another agent's, and the webhook's agent is no admin any more.")
    with transaction.atomic():
        WebhookDelivery.objects.filter(pk=delivery.pk).update(replay_asked_at=database_now())
        audit.note("webhook.replayed", webhook, actor=actor, pos=delivery.pos)


def looked_at() -> int:
    """Up to where it is noted which webhooks want which events; nobody notes more until the transaction ends."""
    ConsumerPosition.objects.get_or_create(group=GROUP, defaults={"pos": history.kept().newest})
    return ConsumerPosition.objects.select_for_update().get(group=GROUP).pos


def _record(event_type: EventType, webhook: Webhook, *, actor: Actor, **more: Any) -> None:
    told = {"webhook": str(webhook.pk), **more}
    outbox.record(event_type, webhook.agent, agent=webhook.agent_id, request_id=actor.request_id, **told)


def _of_types(types: Sequence[str]) -> list[Fault]:
    if not 1 <= len(types) <= MOST_TYPES:
        return [Fault("/event_types", f"Name 1 to {MOST_TYPES} types: a branch such as run.* stands for many.")]
    wrong = []
    for position, each in enumerate(types):
        try:
            check_pattern(each)
        except InvalidChoice as error:
            wrong.append(Fault(f"/event_types/{position}", f"{error}."))
    return wrong


def _of_url(url: str, owner: Agent) -> list[Fault]:
    if not url:
        cure = "Give an address: the agent has no webhook_url that would be used instead."
        return [] if owner.webhook_url else [Fault("/url", cure)]
    refused = _refusal(url)
    return [Fault("/url", refused)] if refused else []


def _refusal(url: str) -> str:
    """Why nothing is sent there; empty when something is.

    https alone, and public addresses alone, but for what the operator allows. When it is called, it is looked at again.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return "This is not an address."
    if parts.scheme not in _PORTS or not host or len(url) > LONGEST_URL or not url.isascii() or not url.isprintable():
        return "Give an address such as https://example.org/events."
    if parts.username is not None or parts.fragment:
        return "Leave out name, password and fragment: the signature proves who sends."
    if parts.scheme == "http" and f"{host}:{port}" not in conf().http_allow:
        return f"Use https; the operator can allow {host}:{port} in ORDINAUT_HTTP_ALLOW."
    return _blocked(host, port)


def _blocked(host: str, port: int) -> str:
    try:
        AddressGuard(conf().http_allow).addresses(host, port, timeout=_LOOK_UP_SECONDS)
    except AddressBlocked as blocked:
        return f"{blocked}."
    except HostUnknown:
        return ""  # it may be known when there is something to send
    return ""
