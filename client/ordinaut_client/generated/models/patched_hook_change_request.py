from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PatchedHookChangeRequest")


@_attrs_define
class PatchedHookChangeRequest:
    """Whose a hook is, and whose way of signing it knows, never change.

    Attributes:
        name (str | Unset):
        topic (str | Unset): What its events are about, before what the sender calls them.
        active (bool | Unset):
        secret (str | Unset): What the sender signs with; one is made unless given.
    """

    name: str | Unset = UNSET
    topic: str | Unset = UNSET
    active: bool | Unset = UNSET
    secret: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        topic = self.topic

        active = self.active

        secret = self.secret

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if topic is not UNSET:
            field_dict["topic"] = topic
        if active is not UNSET:
            field_dict["active"] = active
        if secret is not UNSET:
            field_dict["secret"] = secret

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name", UNSET)

        topic = d.pop("topic", UNSET)

        active = d.pop("active", UNSET)

        secret = d.pop("secret", UNSET)

        patched_hook_change_request = cls(
            name=name,
            topic=topic,
            active=active,
            secret=secret,
        )

        patched_hook_change_request.additional_properties = d
        return patched_hook_change_request

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
