from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.delivery_state import DeliveryState, check_delivery_state

T = TypeVar("T", bound="Delivery")


@_attrs_define
class Delivery:
    """
    Attributes:
        id (UUID):
        pos (int):
        event_id (UUID):
        event_type (str):
        state (DeliveryState):
        attempts (int):
        status (int | None): That the receiver answered, if it did.
        error (str):
        duration_ms (int):
        at (datetime.datetime): Of the last try.
    """

    id: UUID
    pos: int
    event_id: UUID
    event_type: str
    state: DeliveryState
    attempts: int
    status: int | None
    error: str
    duration_ms: int
    at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        pos = self.pos

        event_id = str(self.event_id)

        event_type = self.event_type

        state: str = self.state

        attempts = self.attempts

        status: int | None
        status = self.status

        error = self.error

        duration_ms = self.duration_ms

        at = self.at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "pos": pos,
                "event_id": event_id,
                "event_type": event_type,
                "state": state,
                "attempts": attempts,
                "status": status,
                "error": error,
                "duration_ms": duration_ms,
                "at": at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        pos = d.pop("pos")

        event_id = UUID(d.pop("event_id"))

        event_type = d.pop("event_type")

        state = check_delivery_state(d.pop("state"))

        attempts = d.pop("attempts")

        def _parse_status(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        status = _parse_status(d.pop("status"))

        error = d.pop("error")

        duration_ms = d.pop("duration_ms")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        delivery = cls(
            id=id,
            pos=pos,
            event_id=event_id,
            event_type=event_type,
            state=state,
            attempts=attempts,
            status=status,
            error=error,
            duration_ms=duration_ms,
            at=at,
        )

        delivery.additional_properties = d
        return delivery

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
