from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_event_request_payload import NewEventRequestPayload


T = TypeVar("T", bound="NewEventRequest")


@_attrs_define
class NewEventRequest:
    """
    Attributes:
        topic (str): Words of a-z, 0-9, _ and -, with dots between them.
        payload (NewEventRequestPayload | Unset): What the runs are given as event.payload.
    """

    topic: str
    payload: NewEventRequestPayload | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        topic = self.topic

        payload: dict[str, Any] | Unset = UNSET
        if not isinstance(self.payload, Unset):
            payload = self.payload.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "topic": topic,
            }
        )
        if payload is not UNSET:
            field_dict["payload"] = payload

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_event_request_payload import NewEventRequestPayload  # noqa: PLC0415

        d = dict(src_dict)
        topic = d.pop("topic")

        _payload = d.pop("payload", UNSET)
        payload: NewEventRequestPayload | Unset
        if isinstance(_payload, Unset):
            payload = UNSET
        else:
            payload = NewEventRequestPayload.from_dict(_payload)

        new_event_request = cls(
            topic=topic,
            payload=payload,
        )

        return new_event_request
