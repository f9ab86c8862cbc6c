from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.event_data import EventData


T = TypeVar("T", bound="Event")


@_attrs_define
class Event:
    """
    Attributes:
        id (UUID):
        pos (int | None): Null until it is on the stream.
        type_ (str): An event of a topic is external.<topic>.
        aggregate (str): What it happened to: task:<id>, run:<id>, agent:<id>.
        seq (int): Dense within the aggregate, from 1.
        at (datetime.datetime):
        agent (None | UUID):
        request_id (str):
        causation (int): How many events led to it.
        data (EventData):
    """

    id: UUID
    pos: int | None
    type_: str
    aggregate: str
    seq: int
    at: datetime.datetime
    agent: None | UUID
    request_id: str
    causation: int
    data: EventData
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        pos: int | None
        pos = self.pos

        type_ = self.type_

        aggregate = self.aggregate

        seq = self.seq

        at = self.at.isoformat()

        agent: None | str
        if isinstance(self.agent, UUID):
            agent = str(self.agent)
        else:
            agent = self.agent

        request_id = self.request_id

        causation = self.causation

        data = self.data.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "pos": pos,
                "type": type_,
                "aggregate": aggregate,
                "seq": seq,
                "at": at,
                "agent": agent,
                "request_id": request_id,
                "causation": causation,
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.event_data import EventData  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        def _parse_pos(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        pos = _parse_pos(d.pop("pos"))

        type_ = d.pop("type")

        aggregate = d.pop("aggregate")

        seq = d.pop("seq")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        def _parse_agent(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                agent_type_0 = UUID(data)

                return agent_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        agent = _parse_agent(d.pop("agent"))

        request_id = d.pop("request_id")

        causation = d.pop("causation")

        data = EventData.from_dict(d.pop("data"))

        event = cls(
            id=id,
            pos=pos,
            type_=type_,
            aggregate=aggregate,
            seq=seq,
            at=at,
            agent=agent,
            request_id=request_id,
            causation=causation,
            data=data,
        )

        event.additional_properties = d
        return event

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
