from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ApprovalLink")


@_attrs_define
class ApprovalLink:
    """
    Attributes:
        approver (str): Who is to decide; empty for whoever holds the links.
        approve_url (str):
        reject_url (str):
    """

    approver: str
    approve_url: str
    reject_url: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        approver = self.approver

        approve_url = self.approve_url

        reject_url = self.reject_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "approver": approver,
                "approve_url": approve_url,
                "reject_url": reject_url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        approver = d.pop("approver")

        approve_url = d.pop("approve_url")

        reject_url = d.pop("reject_url")

        approval_link = cls(
            approver=approver,
            approve_url=approve_url,
            reject_url=reject_url,
        )

        approval_link.additional_properties = d
        return approval_link

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
