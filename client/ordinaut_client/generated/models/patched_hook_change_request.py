from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

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
        overlap_seconds (int | Unset): With a secret: how long the one before it is good, too; a day unless given.
    """

    name: str | Unset = UNSET
    topic: str | Unset = UNSET
    active: bool | Unset = UNSET
    secret: str | Unset = UNSET
    overlap_seconds: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        topic = self.topic

        active = self.active

        secret = self.secret

        overlap_seconds = self.overlap_seconds

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if topic is not UNSET:
            field_dict["topic"] = topic
        if active is not UNSET:
            field_dict["active"] = active
        if secret is not UNSET:
            field_dict["secret"] = secret
        if overlap_seconds is not UNSET:
            field_dict["overlap_seconds"] = overlap_seconds

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name", UNSET)

        topic = d.pop("topic", UNSET)

        active = d.pop("active", UNSET)

        secret = d.pop("secret", UNSET)

        overlap_seconds = d.pop("overlap_seconds", UNSET)

        patched_hook_change_request = cls(
            name=name,
            topic=topic,
            active=active,
            secret=secret,
            overlap_seconds=overlap_seconds,
        )

        return patched_hook_change_request
