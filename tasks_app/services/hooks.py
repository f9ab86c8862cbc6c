"""What can be asked about hooks: make, change and delete the addresses at which other programs' webhooks come in."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from schedules.topics import InvalidTopic, Topic
from tasks_app.exceptions import Fault, IllegalMove, InvalidRequest
from tasks_app.models import Agent, Hook
from tasks_app.services import audit, faults, signing
from tasks_app.services.actor import Actor
from tasks_app.services.guard import Guard, unguarded
from tasks_app.states import HookPreset

MOST_HOOKS: Final = 50  # of one agent
SHORTEST_SECRET: Final = 16
_HEADERS: Final = {
    "signature_header": "X-Signature",
    "timestamp_header": "X-Timestamp",
    "delivery_header": "X-Delivery-Id",
}


@sensitive_variables()
def create_hook(owner: Agent, *, actor: Actor, secret: str | None = None, **fields: Any) -> tuple[Hook, str, str]:
    """Make a hook of `owner`'s; answers it, its token and its secret, neither of which can be read again.

    secret: what the sender signs with; None for a new one. Raises `InvalidRequest`, `IllegalMove` beyond 50 hooks or
    where nothing encrypts.
    """
    secret, token = secrets.token_urlsafe(32) if secret is None else secret, secrets.token_urlsafe(32)
    hook = Hook(agent=owner, token_hash=hash_of(token), **fields)
    _seal(hook, secret)
    _check(hook)
    with transaction.atomic():
        Agent.objects.select_for_update(no_key=True).get(pk=owner.pk)
        if Hook.objects.filter(agent=owner).count() >= MOST_HOOKS:
            raise IllegalMove(f"The agent has {MOST_HOOKS} hooks already: delete one first.")
        hook.save(force_insert=True)
        audit.note("hook.created", hook, actor=actor, name=hook.name, topic=hook.topic, preset=hook.preset)
    return hook, token, secret


@sensitive_variables()
def update_hook(
    hook: Hook,
    *,
    actor: Actor,
    changes: Mapping[str, Any],
    overlap: timedelta = signing.USUAL_OVERLAP,
    guard: Guard = unguarded,
) -> Hook:
    """Change what is named in `changes`; beside another `secret` the former is good for `overlap` more.

    Raises `InvalidRequest`, and what the guard raises.
    """
    with transaction.atomic():
        present = Hook.objects.select_for_update().get(pk=hook.pk)
        guard(present)
        for name, value in changes.items():
            if name == "secret":
                _seal(present, value, overlap=overlap)
            else:
                setattr(present, name, value)
        _check(present)
        present.save()
        audit.note("hook.updated", present, actor=actor, changed=sorted(changes))
    return present


@sensitive_variables()
def rotate_token(hook: Hook, *, actor: Actor) -> str:
    """Give the hook another address; what is sent to the former is not found from now on."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        Hook.objects.filter(pk=hook.pk).update(token_hash=hash_of(token))
        audit.note("hook.rotated", hook, actor=actor)
    return token


def delete_hook(hook: Hook, *, actor: Actor, guard: Guard = unguarded) -> None:
    with transaction.atomic():
        guard(Hook.objects.select_for_update().get(pk=hook.pk))
        audit.note("hook.deleted", hook, actor=actor, name=hook.name)
        Hook.objects.filter(pk=hook.pk).delete()


def hash_of(token: str) -> str:
    """A token has 256 bits of chance: nobody finds it by trying, so a quick hash protects it as well as a slow one."""
    return sha256(token.encode(errors="replace")).hexdigest()


@sensitive_variables()
def _seal(hook: Hook, secret: str, *, overlap: timedelta = timedelta(0)) -> None:
    if not SHORTEST_SECRET <= len(secret) <= 200:
        raise InvalidRequest(Fault("/secret", f"Give {SHORTEST_SECRET} to 200 characters, or none to have one made."))
    signing.put(hook, secret, overlap=overlap)


def _check(hook: Hook) -> None:
    try:
        Topic(hook.topic)
    except InvalidTopic as invalid:
        raise InvalidRequest(Fault("/topic", f"{invalid}.")) from invalid
    for name, usual in _HEADERS.items():
        if hook.preset == HookPreset.GENERIC:
            setattr(hook, name, getattr(hook, name) or usual)
        elif getattr(hook, name):
            raise InvalidRequest(Fault(f"/{name}", "Only the preset generic has headers to name: leave it out."))
    try:
        hook.full_clean(exclude=["agent"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise InvalidRequest(*faults.of_model(error)) from error
