from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.backfill_overlap_policy import BackfillOverlapPolicy, check_backfill_overlap_policy
from ..types import UNSET, Unset

T = TypeVar("T", bound="BackfillRequest")


@_attrs_define
class BackfillRequest:
    """
    Attributes:
        from_ (datetime.datetime): Instants later than this one count.
        to (datetime.datetime): The last instant that counts; in the past.
        overlap_policy (BackfillOverlapPolicy | Unset):  Default: 'queue_all'.
    """

    from_: datetime.datetime
    to: datetime.datetime
    overlap_policy: BackfillOverlapPolicy | Unset = "queue_all"
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from_ = self.from_.isoformat()

        to = self.to.isoformat()

        overlap_policy: str | Unset = UNSET
        if not isinstance(self.overlap_policy, Unset):
            overlap_policy = self.overlap_policy

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "from": from_,
                "to": to,
            }
        )
        if overlap_policy is not UNSET:
            field_dict["overlap_policy"] = overlap_policy

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        from_ = datetime.datetime.fromisoformat(d.pop("from"))

        to = datetime.datetime.fromisoformat(d.pop("to"))

        _overlap_policy = d.pop("overlap_policy", UNSET)
        overlap_policy: BackfillOverlapPolicy | Unset
        if isinstance(_overlap_policy, Unset):
            overlap_policy = UNSET
        else:
            overlap_policy = check_backfill_overlap_policy(_overlap_policy)

        backfill_request = cls(
            from_=from_,
            to=to,
            overlap_policy=overlap_policy,
        )

        backfill_request.additional_properties = d
        return backfill_request

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
