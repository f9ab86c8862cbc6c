from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="SnoozeRequest")


@_attrs_define
class SnoozeRequest:
    """
    Attributes:
        delay_seconds (int):
        reason (str | Unset): Kept in the audit and in the ledger.
        at (datetime.datetime | Unset): The next instant as the caller knows it: asked again, it is not put off twice,
            and no other one is.
    """

    delay_seconds: int
    reason: str | Unset = UNSET
    at: datetime.datetime | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        delay_seconds = self.delay_seconds

        reason = self.reason

        at: str | Unset = UNSET
        if not isinstance(self.at, Unset):
            at = self.at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "delay_seconds": delay_seconds,
            }
        )
        if reason is not UNSET:
            field_dict["reason"] = reason
        if at is not UNSET:
            field_dict["at"] = at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        delay_seconds = d.pop("delay_seconds")

        reason = d.pop("reason", UNSET)

        _at = d.pop("at", UNSET)
        at: datetime.datetime | Unset
        if isinstance(_at, Unset):
            at = UNSET
        else:
            at = datetime.datetime.fromisoformat(_at)

        snooze_request = cls(
            delay_seconds=delay_seconds,
            reason=reason,
            at=at,
        )

        return snooze_request
