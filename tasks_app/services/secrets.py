"""What can be asked about secrets: put and delete them. Nobody is ever told their values."""

import re
from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from tasks_app import vault
from tasks_app.conf import conf
from tasks_app.exceptions import Fault, IllegalMove, InvalidRequest
from tasks_app.models import Agent, CatalogueStamp, Hook, Secret, Webhook
from tasks_app.models.clock import database_now
from tasks_app.services import audit, signing
from tasks_app.services.actor import Actor

LONGEST_VALUE: Final = 10_000  # characters
MOST_HOSTS: Final = 50
_LONGEST_HOST: Final = 253
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_HOST: Final = re.compile(r"(\*\.[a-z0-9_-]+(\.[a-z0-9_-]+)+|[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f:.]*:[0-9a-f:.]*)")


@sensitive_variables("value")
def put_secret(
    name: str, *, value: str, hosts: Sequence[str] | None, owner: Agent | None, actor: Actor
) -> tuple[Secret, bool]:
    """Make a secret of `owner`'s, or everybody's with None, or give it another value. Answers it, and whether it is new.

    hosts: where it may be sent, names or `*.example.org`; None leaves those of a secret that is there as they are.
    Raises `InvalidRequest` for a fault, `IllegalMove` where nothing encrypts.
    """
    wanted = None if hosts is None else [host.strip().lower().rstrip(".") for host in hosts]
    if wrong := [*_of_name(name), *_of_value(value), *_of_hosts(wanted)]:
        raise InvalidRequest(*wrong)
    try:
        sealed, key_id = vault.seal(value)
    except vault.NoKey as no_key:
        raise IllegalMove(str(no_key)) from None
    with transaction.atomic():
        CatalogueStamp.objects.renew()
        secret = Secret.objects.select_for_update().filter(name=name, owner=owner).first()
        is_new = secret is None
        if secret is None:
            if wanted is None:
                raise InvalidRequest(Fault("/hosts", "Name the hosts that it may be sent to, such as api.example.org."))
            secret = Secret(name=name, owner=owner)
        secret.sealed, secret.key_id, secret.rotated_at = sealed, key_id, database_now()
        secret.hosts = secret.hosts if wanted is None else wanted
        secret.save(force_insert=is_new)
        audit.note("secret.created" if is_new else "secret.rotated", secret, actor=actor, name=name, hosts=secret.hosts)
    return secret, is_new


def delete_secret(secret: Secret, *, actor: Actor) -> None:
    """Delete a secret for good: steps of tools that still send it fail with `secret_refused`."""
    with transaction.atomic():
        CatalogueStamp.objects.renew()
        audit.note("secret.deleted", secret, actor=actor, name=secret.name)
        Secret.objects.filter(pk=secret.pk).delete()


def encrypt_anew(*, actor: Actor) -> int:
    """Encrypt by the first key what other keys have encrypted; how many secrets that were, those that webhooks and hooks are
    signed with among them. Raises `IllegalMove`.
    """
    if not conf().secrets_keys:
        raise IllegalMove("No key encrypts secrets here: the operator sets ORDINAUT_SECRETS_KEY.")
    count = 0
    with transaction.atomic():
        CatalogueStamp.objects.renew()
        for secret in Secret.objects.exclude(key_id=vault.id_of(conf().secrets_keys[0])).select_for_update():
            try:
                secret.sealed, secret.key_id = vault.seal(vault.unseal(secret.sealed))
            except vault.NoKey as no_key:
                raise IllegalMove(f"The secret {secret.name!r} stays as it is, and so do all: {no_key}") from None
            secret.save(update_fields=["sealed", "key_id"])
            audit.note("secret.encrypted", secret, actor=actor, name=secret.name, key_id=secret.key_id)
            count += 1
        count += _signed_anew(Webhook.objects.all(), actor=actor) + _signed_anew(Hook.objects.all(), actor=actor)
    return count


def _signed_anew(rows: QuerySet[Webhook] | QuerySet[Hook], *, actor: Actor) -> int:
    """An old secret may be another key's than the newest, so that all rows that have one are looked at."""
    count, first, noun = 0, vault.id_of(conf().secrets_keys[0]), rows.model.__name__.lower()
    for row in rows.exclude(key_id=first, old_sealed="").select_for_update():
        try:
            signing.encrypt_anew(row)
        except vault.NoKey as no_key:
            raise IllegalMove(f"The secret of {noun} {row.pk} stays as it is, and so do all: {no_key}") from None
        row.save(update_fields=signing.FIELDS)
        audit.note(f"{noun}.encrypted", row, actor=actor, key_id=row.key_id)
        count += 1
    return count


def _of_name(name: str) -> list[Fault]:
    cure = "A name has 1 to 100 letters, digits, _, . and -."
    return [] if _NAME.fullmatch(name) else [Fault("/name", cure)]


@sensitive_variables("value")
def _of_value(value: str) -> list[Fault]:
    if not value or len(value) > LONGEST_VALUE:
        return [Fault("/value", f"Give a text of 1 to {LONGEST_VALUE} characters.")]
    if any(character in value for character in "\0\r\n"):
        return [Fault("/value", "A secret is one line: it would break the header that it is sent in.")]
    return []


def _of_hosts(hosts: Sequence[str] | None) -> list[Fault]:
    if hosts is None:
        return []
    if not 1 <= len(hosts) <= MOST_HOSTS:
        return [Fault("/hosts", f"Name 1 to {MOST_HOSTS} hosts.")]
    cure = "is no host: write api.example.org, or *.example.org, without a scheme and a port."
    return [
        Fault(f"/hosts/{position}", f"{host[:100]!r} {cure}")
        for position, host in enumerate(hosts)
        if len(host) > _LONGEST_HOST or not _HOST.fullmatch(host)
    ]
