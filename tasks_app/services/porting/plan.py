"""What would be done so that an owner's tasks are as a document says?"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class Action(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DELETED = "deleted"


@dataclass(frozen=True)
class FieldChange:
    """A field's value as JSON, as it is and as it is to be; null for what is not there."""

    field: str
    before: Any
    after: Any

    def shown(self) -> dict[str, Any]:
        return {"field": self.field, "before": self.before, "after": self.after}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What is done to one task, or to one calendar; `id` is null for one that is yet to be made."""

    name: str
    action: Action
    id: UUID | None = None
    fields: tuple[FieldChange, ...] = ()

    def shown(self, *, name: str) -> dict[str, Any]:
        identity = str(self.id) if self.id else None
        return {name: self.name, "id": identity, "action": str(self.action), "fields": [f.shown() for f in self.fields]}


@dataclass(frozen=True)
class Plan:
    """Everything that differs, and what does not, in the order of the document; what is deleted comes last."""

    owner: UUID
    calendars: tuple[Difference, ...]
    tasks: tuple[Difference, ...]

    @property
    def differs(self) -> bool:
        return any(each.action != Action.UNCHANGED for each in (*self.calendars, *self.tasks))

    @property
    def counts(self) -> Mapping[str, int]:
        """How many tasks are created, changed, unchanged and deleted."""
        actions = [each.action for each in self.tasks]
        return {str(action): actions.count(action) for action in Action}

    @property
    def fingerprint(self) -> str:
        """The same for the same differences of the same owner's, and for no others."""
        told = json.dumps([str(self.owner), self._shown()], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        return {"fingerprint": self.fingerprint, "counts": dict(self.counts), **self._shown()}

    def _shown(self) -> dict[str, Any]:
        return {
            "calendars": [each.shown(name="name") for each in self.calendars],
            "tasks": [each.shown(name="title") for each in self.tasks],
        }


def changes_between(
    before: Mapping[str, Any], after: Mapping[str, Any], names: Iterable[str]
) -> tuple[FieldChange, ...]:
    """One for each of these names under which the two, JSON both, hold something else."""
    pairs = ((name, before.get(name), after.get(name)) for name in names)
    return tuple(FieldChange(name, old, new) for name, old, new in pairs if json.dumps(old) != json.dumps(new))
