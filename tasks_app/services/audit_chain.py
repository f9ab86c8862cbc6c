"""Is the audit as it was written? Each entry hangs on the one before it; here the chain is followed from end to end.

Only what reads the database is trusted to Postgres: the digests are made anew, here. A chain says nothing of its own end: who
may alter tables may cut it off, or write it all anew. Against that, note a head elsewhere and ask whether it is still there.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connection

from tasks_app.exceptions import Fault, InvalidRequest
from tasks_app.models import AuditEntry, AuditLink

_BATCH: Final = 2000
_MOST_DAMAGE: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HEAD: Final = re.compile(r"(\d{1,18}):([0-9a-f]{64})", re.ASCII)

_LINKS: Final = """
SELECT link.position, link.entry, link.digest, entry.id, entry.at, entry.actor, entry.action, entry.object_kind,
       entry.object_id, entry.request_id, entry.details::text
  FROM tasks_auditlink AS link LEFT JOIN tasks_auditentry AS entry ON entry.id = link.entry
 WHERE link.position > %s AND link.position <= %s
 ORDER BY link.position LIMIT %s
"""
_UNCHAINED: Final = """
SELECT id FROM tasks_auditentry AS entry
 WHERE NOT EXISTS (SELECT FROM tasks_auditlink AS link WHERE link.entry = entry.id)
 ORDER BY id LIMIT %s
"""


@dataclass(frozen=True)
class Damage:
    """What is not as it was written: its place in the chain and the entry's id, as far as there are any, and a sentence."""

    position: int | None
    entry: int | None
    what: str


@dataclass
class Verdict:
    """`checked` links were followed, from `first` on; `head` is `position:digest` of the last, empty without any."""

    first: int = 0
    checked: int = 0
    head: str = ""
    damage: list[Damage] = field(default_factory=list)
    more_damage: int = 0

    @property
    def intact(self) -> bool:
        return not self.damage

    def add(self, what: str, *, position: int | None = None, entry: int | None = None) -> None:
        if len(self.damage) < _MOST_DAMAGE:
            self.damage.append(Damage(position, entry, what))
        else:
            self.more_damage += 1


def verify(*, noted_head: str | None = None) -> Verdict:
    """Follow the chain to the end that it has now; what is written meanwhile is left for the next time.

    noted_head: a `head` of an earlier verdict, which must still be in the chain. Raises `InvalidRequest` if it is none.
    """
    noted = _read(noted_head) if noted_head else None
    verdict = Verdict()
    newest = AuditLink.objects.order_by("-position").first()
    if newest is not None:
        _follow(verdict, until=newest.position)
    for entry in _rows(_UNCHAINED, _MOST_DAMAGE):
        verdict.add("was inserted past the chain", entry=entry[0])
    if noted and not AuditLink.objects.filter(position=noted[0], digest=noted[1]).exists():
        verdict.add("is not what was noted as the head: the chain was cut off or written anew", position=noted[0])
    return verdict


def _follow(verdict: Verdict, *, until: int) -> None:
    position, before = _beginning(verdict)
    for place, entry, digest, *columns in _links(after=position, until=until):
        if place != position + 1:
            gap = f"{position + 1} to {place - 1}" if place > position + 2 else f"{position + 1}"
            verdict.add(f"is missing, and its entry with it: {gap}", position=position + 1)
        elif columns[0] is None:
            verdict.add("was removed", position=place, entry=entry)
        elif before is not None and _digest(before, columns) != bytes(digest):
            verdict.add("was changed", position=place, entry=entry)
        position, before = place, bytes(digest)
        verdict.checked += 1
    verdict.head = f"{position}:{(before or b'').hex()}"


def _beginning(verdict: Verdict) -> tuple[int, bytes | None]:
    """The position before the first link, and the digest there; None for a digest that nobody knows any more."""
    oldest = AuditLink.objects.order_by("position").first()
    assert oldest is not None
    verdict.first = oldest.position
    if oldest.position == 1:
        return 0, b""
    through = oldest.position - 1
    pruned = AuditEntry.objects.filter(actor="system", action="audit.pruned", details__through=through).first()
    if pruned is None:
        verdict.add(f"are missing, and no entry says that they were pruned: 1 to {through}", position=through)
        return through, None
    return through, bytes.fromhex(pruned.details["digest"])


def _links(*, after: int, until: int) -> Iterator[tuple[Any, ...]]:
    while True:
        found = _rows(_LINKS, after, until, _BATCH)
        yield from found
        if len(found) < _BATCH:
            return
        after = found[-1][0]


def _digest(before: bytes, columns: list[Any]) -> bytes:
    """As `tasks_audit_digest` makes it: SHA-256 of the digest before and each column with its length (netstrings)."""
    entry, at, actor, action, kind, about, request_id, details = columns
    microseconds = (at - _EPOCH) // timedelta(microseconds=1)
    parts = [str(part).encode() for part in (entry, microseconds, actor, action, kind, about, request_id, details)]
    return hashlib.sha256(before + b"".join(b"%d:%s" % (len(part), part) for part in parts)).digest()


def _read(head: str) -> tuple[int, bytes]:
    found = _HEAD.fullmatch(head)
    if found is None:
        raise InvalidRequest(Fault("/head", "Give a head as it was told: a position, a colon and 64 hex digits."))
    return int(found[1]), bytes.fromhex(found[2])


def _rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
