from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="RotationRequest")


@_attrs_define
class RotationRequest:
    """
    Attributes:
        overlap_seconds (int | Unset): How long the old secret stays good beside the new one. Default: 86400.
        revoke_old (bool | Unset): End the old secret at once, and every login that it has opened. Default: False.
    """

    overlap_seconds: int | Unset = 86400
    revoke_old: bool | Unset = False

    def to_dict(self) -> dict[str, Any]:
        overlap_seconds = self.overlap_seconds

        revoke_old = self.revoke_old

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if overlap_seconds is not UNSET:
            field_dict["overlap_seconds"] = overlap_seconds
        if revoke_old is not UNSET:
            field_dict["revoke_old"] = revoke_old

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        overlap_seconds = d.pop("overlap_seconds", UNSET)

        revoke_old = d.pop("revoke_old", UNSET)

        rotation_request = cls(
            overlap_seconds=overlap_seconds,
            revoke_old=revoke_old,
        )

        return rotation_request
