"""What becomes of a webhook that another program sends: an event of the hook's agent, once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.views.decorators.debug import sensitive_variables

from tasks_app import vault
from tasks_app.exceptions import NotPermitted, OrdinautError
from tasks_app.models import Hook, HookReceipt
from tasks_app.models.clock import database_now
from tasks_app.services import events, signing
from tasks_app.services.actor import Actor
from tasks_app.services.hook_presets import Sent, preset_of, topic_of
from tasks_app.services.hooks import hash_of
from tasks_app.services.publications import SCOPE
from tasks_app.states import HookPreset

# Judges what is sent to a token that nobody has, so that it takes as long as for one that somebody has.
_NOBODYS: Final = Hook(preset=HookPreset.GITHUB)


class Unproven(OrdinautError):
    """The sender did not sign with the hook's secret, or too long ago."""


@dataclass(frozen=True)
class Received:
    """event: what it became; None when another process is still at it. again: it had come in before."""

    event: UUID | None
    again: bool


@sensitive_variables("token", "secrets")
def receive(
    token: str, *, headers: Mapping[str, str], body: bytes, read: Callable[[], Mapping[str, Any]], request_id: str
) -> Received:
    """Publish what was sent to a hook's token as `external.<topic>`; what has come in before is not published again.

    read: the payload in the body, called once the sender is proven. Raises `Hook.DoesNotExist` for a token of no active
    hook, `Unproven`, `NotPermitted` when the hook's agent may not publish, and what `events.publish` raises.
    """
    hook = _hook_of(token)
    now = database_now()
    secrets = _secrets_of(hook or _NOBODYS, now=now)
    sent = Sent(headers, body, now.timestamp())
    preset = preset_of(hook or _NOBODYS)
    proofs = [preset.is_signed(sent, secret) for secret in secrets]  # all are tried, whichever it is
    if hook is None:
        raise Hook.DoesNotExist
    if not any(proofs):
        raise Unproven("The sender is not proven.")
    if not (hook.agent.is_admin or SCOPE in hook.agent.scopes):
        raise NotPermitted(f"The hook's agent needs the scope {SCOPE}.")
    payload = read()
    actor = Actor.of_agent(hook.agent, request_id=request_id)
    topic = topic_of(hook.topic, preset.suffix(sent, payload))
    keys = [sha256(key.encode(errors="replace")).hexdigest() for key in preset.keys(sent, payload)]
    return _publish_once(hook, keys, topic, payload, actor=actor)


def _publish_once(hook: Hook, keys: list[str], topic: str, payload: Mapping[str, Any], *, actor: Actor) -> Received:
    with transaction.atomic():
        _hold(hook)
        try:
            with transaction.atomic():
                HookReceipt.objects.bulk_create([HookReceipt(hook=hook, key=key) for key in keys])
        except IntegrityError:
            receipts = HookReceipt.objects.filter(hook=hook, key__in=keys).order_by("id")
            return Received(receipts.values_list("event_id", flat=True).first(), again=True)
        causation = _causation(hook, payload)
        published = events.publish(hook.agent, topic, payload, actor=actor, causation=causation)
        HookReceipt.objects.filter(hook=hook, key__in=keys).update(event_id=published.event.id)
        Hook.objects.filter(pk=hook.pk).update(received_at=Now())
    return Received(published.event.id, again=False)


def _hold(hook: Hook) -> None:
    """Nobody deletes it until this is committed; others may receive meanwhile. Raises `Hook.DoesNotExist`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM tasks_hook WHERE id = %s FOR KEY SHARE", [hook.pk])
        if cursor.fetchone() is None:
            raise Hook.DoesNotExist


def _causation(hook: Hook, payload: Mapping[str, Any]) -> int:
    """An event of another Ordinaut, or of this one, has led to this: so they cannot set each other off without end."""
    told = payload.get("causation")
    return told + 1 if hook.preset == HookPreset.ORDINAUT and type(told) is int and told >= 0 else 0


def _hook_of(token: str) -> Hook | None:
    found = Hook.objects.select_related("agent").filter(token_hash=hash_of(token))
    return found.filter(active=True, agent__active=True).first()


def _secrets_of(hook: Hook, *, now: datetime) -> list[str]:
    """Those that are good. Raises `vault.NoKey` when the operator has taken the key away."""
    if not hook.sealed:
        hook.sealed, hook.key_id = vault.seal("nobody's secret")
    return [vault.unseal(sealed) for sealed in signing.sealed_of(hook, now=now)]
