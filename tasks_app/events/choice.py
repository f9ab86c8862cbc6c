"""Which events does a reader want? Those that it may see, of some types, of one aggregate.

    run.succeeded   is matched by   run.succeeded · run.* · *

A type has few patterns that match it, all known beforehand, so who wants it is a look-up of these.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from pipelines.names import did_you_mean
from tasks_app.events.types import EXTERNAL, EventType
from tasks_app.models import Event
from tasks_app.models.outbox_entry import OutboxEntryQuerySet

EVERYTHING: Final = "*"
LONGEST_PATTERN: Final = 220
MOST_PATTERNS: Final = 50
KINDS: Final = ("task", "run", "agent", "worker")

_WORD: Final = r"[a-z0-9_-]+"
_PATTERN: Final = re.compile(rf"\*|{_WORD}(\.{_WORD})*(\.\*)?", re.ASCII)


class InvalidChoice(ValueError):
    """What is asked for is no pattern of types, or no aggregate; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Aggregate:
    kind: str
    id: UUID

    @classmethod
    def read(cls, text: str) -> "Aggregate":
        """From `task:<id>`, `run:<id>`, `agent:<id>` or `worker:<id>`. Raises `InvalidChoice`."""
        kind, _, identity = text.partition(":")
        with suppress(ValueError):  # told below, as an unknown kind is
            if kind in KINDS:
                return cls(kind, UUID(identity))
        raise InvalidChoice(f"{text[:60]!r} is no aggregate: write task:<id> or run:<id>")

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """agent: whose events it may see, None for all. types: patterns, of which one must match; empty for all."""

    agent: UUID | None
    types: frozenset[str] = field(default_factory=frozenset)
    aggregate: Aggregate | None = None

    def sees(self, event: Event) -> bool:
        return self.agent is None or event.agent == self.agent

    def takes(self, event: Event) -> bool:
        if not self.sees(event):
            return False
        if self.aggregate is not None and event.aggregate != str(self.aggregate):
            return False
        return not self.types or not self.types.isdisjoint(patterns_of(event.type))

    def narrowed(self, entries: OutboxEntryQuerySet) -> OutboxEntryQuerySet:
        """As far as the database can tell cheaply: types are for `takes`, since an entry may hold several."""
        if self.agent is not None:
            entries = entries.filter(agent=self.agent)
        if self.aggregate is not None:
            entries = entries.filter(aggregate_kind=self.aggregate.kind, aggregate_id=self.aggregate.id)
        return entries


def patterns_of(event_type: str) -> tuple[str, ...]:
    """Every pattern that matches a type: itself, each branch above it, and `*`."""
    words = event_type.split(".")
    branches = (".".join(words[:count]) + ".*" for count in range(len(words) - 1, 0, -1))
    return (event_type, *branches, EVERYTHING)


def check_pattern(pattern: str) -> None:
    """Refuse what is neither a type, nor a branch (`run.*`: everything below), nor `*`, and what no event will ever match.

    Raises `InvalidChoice`.
    """
    told = f"{pattern[:60]!r} is no type of event"
    if len(pattern) > LONGEST_PATTERN or not _PATTERN.fullmatch(pattern):
        raise InvalidChoice(f"{told}: write run.succeeded, run.* or *")
    if pattern.startswith(EXTERNAL) or pattern in _OF_OURS:
        return
    if pattern.partition(".")[0] in _OUR_BRANCHES:
        raise InvalidChoice(f"{told}{did_you_mean(pattern, sorted(_OF_OURS)) or f': there are {_told()}'}")
    meant = did_you_mean(pattern, sorted(_OF_OURS))
    raise InvalidChoice(f"{told}: what is published on a topic is {EXTERNAL}{pattern[:60]}{meant}")


def _told() -> str:
    return ", ".join(f"{branch}.*" for branch in sorted(_OUR_BRANCHES))


_OF_OURS: Final = frozenset(pattern for each in EventType for pattern in patterns_of(each.value))
_OUR_BRANCHES: Final = frozenset(each.value.partition(".")[0] for each in EventType)
