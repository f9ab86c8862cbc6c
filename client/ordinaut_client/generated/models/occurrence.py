from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.skip_reason import SkipReason, check_skip_reason

if TYPE_CHECKING:
    from ..models.note import Note


T = TypeVar("T", bound="Occurrence")


@_attrs_define
class Occurrence:
    """
    Attributes:
        at (datetime.datetime): The nominal instant, in UTC.
        local (datetime.datetime): The same in the task's zone.
        starts_at (datetime.datetime): When the run begins: later by jitter and quiet hours.
        fires (bool): Whether it becomes a run.
        reason (None | SkipReason): Why it does not.
        notes (list[Note]): What clocks, calendar, jitter and quiet hours did to it.
    """

    at: datetime.datetime
    local: datetime.datetime
    starts_at: datetime.datetime
    fires: bool
    reason: None | SkipReason
    notes: list[Note]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        local = self.local.isoformat()

        starts_at = self.starts_at.isoformat()

        fires = self.fires

        reason: None | str
        if isinstance(self.reason, str):
            reason = self.reason
        else:
            reason = self.reason

        notes = []
        for notes_item_data in self.notes:
            notes_item = notes_item_data.to_dict()
            notes.append(notes_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "local": local,
                "starts_at": starts_at,
                "fires": fires,
                "reason": reason,
                "notes": notes,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.note import Note  # noqa: PLC0415

        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        local = datetime.datetime.fromisoformat(d.pop("local"))

        starts_at = datetime.datetime.fromisoformat(d.pop("starts_at"))

        fires = d.pop("fires")

        def _parse_reason(data: object) -> None | SkipReason:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                reason_type_0 = check_skip_reason(data)

                return reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SkipReason, data)

        reason = _parse_reason(d.pop("reason"))

        notes = []
        _notes = d.pop("notes")
        for notes_item_data in _notes:
            notes_item = Note.from_dict(notes_item_data)

            notes.append(notes_item)

        occurrence = cls(
            at=at,
            local=local,
            starts_at=starts_at,
            fires=fires,
            reason=reason,
            notes=notes,
        )

        occurrence.additional_properties = d
        return occurrence

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
