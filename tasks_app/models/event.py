"""Event: a recorded fact, as the outbox tells it and as a reader of the stream is given it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tasks_app.models.clock import as_text


@dataclass(frozen=True, slots=True)
class Event:
    """A recorded fact. `id` is the same however often the event is delivered: de-duplicate effects by it.

    pos: its place among all events of the deployment, dense, from 1; 0 until the relay has numbered it. seq: its place
    among those of its aggregate (`task:<id>`, `run:<id>`, `agent:<id>`), dense, from 1. at: UTC. causation: how many
    events led to it.
    """

    id: UUID
    pos: int
    type: str
    aggregate: str
    seq: int
    at: datetime
    agent: UUID | None
    request_id: str
    causation: int
    data: dict[str, Any]

    @classmethod
    def read(cls, envelope: Mapping[str, Any]) -> "Event":
        """The event in an envelope. Raises `InvalidEnvelope`."""
        try:
            return cls(
                id=UUID(envelope["id"]),
                pos=int(envelope["pos"]),
                type=str(envelope["type"]),
                aggregate=str(envelope["aggregate"]),
                seq=int(envelope["seq"]),
                at=datetime.fromisoformat(envelope["at"]),
                agent=UUID(envelope["agent"]) if envelope["agent"] else None,
                request_id=str(envelope["request_id"]),
                causation=int(envelope["causation"]),
                data=dict(envelope["data"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidEnvelope(f"This is no event: {type(error).__name__} {error}") from error

    @property
    def envelope(self) -> dict[str, Any]:
        """As it is written on the stream."""
        return {
            "id": str(self.id),
            "pos": self.pos,
            "type": self.type,
            "aggregate": self.aggregate,
            "seq": self.seq,
            "at": as_text(self.at),
            "agent": str(self.agent) if self.agent else None,
            "request_id": self.request_id,
            "causation": self.causation,
            "data": self.data,
        }


class InvalidEnvelope(ValueError):
    """What was read is not an event as the relay writes it."""
