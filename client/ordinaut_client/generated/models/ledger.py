from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.skip_reason import SkipReason, check_skip_reason

T = TypeVar("T", bound="Ledger")


@_attrs_define
class Ledger:
    """
    Attributes:
        id (int):
        scheduled_for (datetime.datetime):
        reason (SkipReason):
        detail (str):
        created_at (datetime.datetime):
    """

    id: int
    scheduled_for: datetime.datetime
    reason: SkipReason
    detail: str
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        scheduled_for = self.scheduled_for.isoformat()

        reason: str = self.reason

        detail = self.detail

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "scheduled_for": scheduled_for,
                "reason": reason,
                "detail": detail,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        scheduled_for = datetime.datetime.fromisoformat(d.pop("scheduled_for"))

        reason = check_skip_reason(d.pop("reason"))

        detail = d.pop("detail")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        ledger = cls(
            id=id,
            scheduled_for=scheduled_for,
            reason=reason,
            detail=detail,
            created_at=created_at,
        )

        ledger.additional_properties = d
        return ledger

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
