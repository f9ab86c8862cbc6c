from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

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

    def to_dict(self) -> dict[str, Any]:
        from_ = self.from_.isoformat()

        to = self.to.isoformat()

        overlap_policy: str | Unset = UNSET
        if not isinstance(self.overlap_policy, Unset):
            overlap_policy = self.overlap_policy

        field_dict: dict[str, Any] = {}

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

        return backfill_request
