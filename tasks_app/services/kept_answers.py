"""Kept answers: a request that comes again under its Idempotency-Key is answered as the first time, and does nothing.

The key is held by an advisory lock of Postgres for as long as the transaction lasts in which the request does all its work and
its answer is kept: both are there, or neither. A holder that dies lets go of it with its connection; one whose machine is gone,
when the server ends its idle transaction (30 s).
"""

import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from tasks_app import vault
from tasks_app.exceptions import OrdinautError
from tasks_app.models import KeptAnswer
from tasks_app.models.kept_answer import KEPT_FOR

MOST_BYTES: Final = 512 * 1024  # of an answer, compressed


class KeyInUse(OrdinautError):
    """A request under this key is being worked on."""


class KeyReused(OrdinautError):
    """The key belongs to another request."""


class AnswerTooLarge(OrdinautError):
    """The answer cannot be kept, so the request is not carried out."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Keyed:
    """A request under a key; `id` is the key's, of one agent at one address."""

    id: UUID
    request: UUID

    @classmethod
    def of(cls, key: str, *, agent: UUID, path: str, query: str, body: bytes) -> "Keyed":
        return cls(_digest(str(agent), path, key), _digest(query, sha256(body).hexdigest()))


def claim(keyed: Keyed) -> Answer | None:
    """Hold the key until the transaction ends; what was answered under it before, if anything was.

    Raises `KeyInUse` while another transaction holds it, `KeyReused` when it was another request's, `vault.NoKey`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_lock_of(keyed)])
        if not cursor.fetchone()[0]:
            raise KeyInUse("A request under this Idempotency-Key is being worked on: ask again in a moment.")
    # Another statement: the lock may have become free after the first one saw what was kept.
    kept = KeptAnswer.objects.alias(ends_at=F("at") + KEPT_FOR).filter(pk=keyed.id, ends_at__gt=Now()).first()
    if kept is None:
        return None
    if kept.request != keyed.request:
        raise KeyReused("This Idempotency-Key belongs to another request: use a new one for what is new.")
    body = zlib.decompress(kept.body)
    return Answer(
        status=kept.status,
        headers=kept.headers,
        body=vault.unseal(body.decode()).encode() if kept.is_sealed else body,
    )


def keep(keyed: Keyed, answer: Answer, *, is_secret: bool) -> None:
    """Keep the answer under a key that is held. Raises `AnswerTooLarge`, `vault.NoKey`."""
    body = vault.seal(answer.body.decode())[0].encode() if is_secret else answer.body
    packed = zlib.compress(body)
    if len(packed) > MOST_BYTES:
        raise AnswerTooLarge("The answer is too large to be kept: ask for less at once, or without an Idempotency-Key.")
    KeptAnswer.objects.filter(pk=keyed.id).delete()  # one that is too old, and not pruned yet
    KeptAnswer.objects.create(
        id=keyed.id,
        request=keyed.request,
        status=answer.status,
        headers=dict(answer.headers),
        body=packed,
        is_sealed=is_secret,
    )


def _lock_of(keyed: Keyed) -> int:
    return int.from_bytes(keyed.id.bytes[:8], signed=True)


def _digest(*parts: str) -> UUID:
    """Of the parts in their order: none of them holds NUL."""
    return uuid.UUID(bytes=sha256("\0".join(parts).encode(errors="surrogateescape")).digest()[:16])
