from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.retry_from import RetryFrom, check_retry_from
from ..types import UNSET, Unset

T = TypeVar("T", bound="RetryRequest")


@_attrs_define
class RetryRequest:
    """
    Attributes:
        from_ (RetryFrom | Unset):  Default: 'failed_step'.
    """

    from_: RetryFrom | Unset = "failed_step"

    def to_dict(self) -> dict[str, Any]:
        from_: str | Unset = UNSET
        if not isinstance(self.from_, Unset):
            from_ = self.from_

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if from_ is not UNSET:
            field_dict["from"] = from_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _from_ = d.pop("from", UNSET)
        from_: RetryFrom | Unset
        if isinstance(_from_, Unset):
            from_ = UNSET
        else:
            from_ = check_retry_from(_from_)

        retry_request = cls(
            from_=from_,
        )

        return retry_request
