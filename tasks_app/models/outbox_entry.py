"""OutboxEntry: the events of one change of one aggregate, written in the transaction that made them true.

A run's last write tells of its last steps and of its end: one row for all of them costs a fraction of a row for each,
and nobody can see some of them without the others.
"""

import json
from typing import Any, Final, Self
from uuid import uuid5

from django.db import models
from django.db.models.functions import Cast, Now

from tasks_app.models.event import Event
from tasks_app.models.json_field import JSONField
from tasks_app.models.kept_json import KeptJSONField
from tasks_app.models.owned import OwnedQuerySet

_RECENT: Final = 100_000


class OutboxEntryQuerySet(OwnedQuerySet["OutboxEntry"]):
    owner = "agent"

    def telling(self, *patterns: str) -> Self:
        """Those with an event of one of these types, or of a branch such as `run.*`; `*` is all."""
        return self if "*" in patterns else self._looked_into().filter(_HasType("told", models.Value(_path(patterns))))

    def beginning_with(self, name: str) -> Self:
        """Those in whose first event's data there is something of this name."""
        return self._looked_into().filter(told__0__1__has_key=name)

    def _looked_into(self) -> Self:
        return self.alias(told=Cast("facts", models.JSONField()))

    def recent(self) -> Self:
        """The newest hundred thousand of the deployment, about as many as the stream holds: no list walks further back."""
        newest = OutboxEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
        return self.filter(id__gt=newest - _RECENT)

    def events(self) -> list[Event]:
        """Every event of these entries, in their order."""
        return [event for entry in self for event in entry.events()]


class _HasType(models.Func):
    """Takes the facts as jsonb and an SQL/JSON path. As a function, not `@?`: an operator without statistics is taken for rare,
    and rows that are thought rare are fetched and sorted instead of read along the primary key.
    """

    template = "jsonb_path_exists(%(expressions)s::jsonpath)"
    output_field: Any = models.BooleanField()


def _path(patterns: tuple[str, ...]) -> str:
    tests = [
        f"@ starts with {json.dumps(each[:-1])}" if each.endswith(".*") else f"@ == {json.dumps(each)}"
        for each in sorted(patterns)
    ]
    return f"$[*][0] ? ({' || '.join(tests)})"


class OutboxEntry(models.Model):
    # Dense, and given by the relay alone: rows commit in another order than their ids were drawn.
    pos = models.BigIntegerField(null=True, help_text="Of its first event; the others follow.")
    aggregate_kind = models.CharField(max_length=10)
    aggregate_id = models.UUIDField()
    seq = models.PositiveIntegerField(help_text="Of its first event: dense within the aggregate, from 1.")
    size = models.PositiveSmallIntegerField(default=1, db_default=1, help_text="How many events.")
    at = models.DateTimeField(db_default=Now())
    agent = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    causation = models.PositiveSmallIntegerField(default=0, db_default=0)
    shared = JSONField(default=dict, db_default={}, help_text="What the data of each of its events holds.")
    facts = KeptJSONField(help_text="Type and data of each event.")

    objects = OutboxEntryQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["id"], name="entry_unnumbered", condition=models.Q(pos=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["aggregate_id", "seq"], name="entry_order_in_aggregate"),
            # Partial: an entry is written without a position, and an index entry for that would be waste.
            models.UniqueConstraint(fields=["pos"], name="entry_one_a_position", condition=~models.Q(pos=None)),
            models.CheckConstraint(name="entry_has_events", condition=models.Q(size__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.aggregate} {self.seq} {', '.join(self.types)}"

    @property
    def aggregate(self) -> str:
        return f"{self.aggregate_kind}:{self.aggregate_id}"

    @property
    def types(self) -> list[str]:
        return [event_type for event_type, _ in self.facts]

    def events(self) -> list[Event]:
        """An event's id is of version 5 (RFC 9562): the same however often it is asked for."""
        return [
            Event(
                id=uuid5(self.aggregate_id, str(self.seq + nth)),
                pos=0 if self.pos is None else self.pos + nth,
                type=event_type,
                aggregate=self.aggregate,
                seq=self.seq + nth,
                at=self.at,
                agent=self.agent,
                request_id=self.request_id,
                causation=self.causation,
                data={**self.shared, **data},
            )
            for nth, (event_type, data) in enumerate(self.facts)
        ]
