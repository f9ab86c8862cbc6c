from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.hook_preset import HookPreset, check_hook_preset
from ..types import UNSET, Unset

T = TypeVar("T", bound="NewHookRequest")


@_attrs_define
class NewHookRequest:
    """
    Attributes:
        name (str):
        topic (str): What its events are about, before what the sender calls them.
        preset (HookPreset):
        created_by (UUID | Unset): Its owner; only an admin may name another.
        signature_header (str | Unset): Of the preset generic only.
        timestamp_header (str | Unset): Of the preset generic only.
        delivery_header (str | Unset): Of the preset generic only.
        active (bool | Unset):
        secret (str | Unset): What the sender signs with; one is made unless given.
    """

    name: str
    topic: str
    preset: HookPreset
    created_by: UUID | Unset = UNSET
    signature_header: str | Unset = UNSET
    timestamp_header: str | Unset = UNSET
    delivery_header: str | Unset = UNSET
    active: bool | Unset = UNSET
    secret: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        topic = self.topic

        preset: str = self.preset

        created_by: str | Unset = UNSET
        if not isinstance(self.created_by, Unset):
            created_by = str(self.created_by)

        signature_header: str | Unset
        if isinstance(self.signature_header, Unset):
            signature_header = UNSET
        else:
            signature_header = self.signature_header

        timestamp_header: str | Unset
        if isinstance(self.timestamp_header, Unset):
            timestamp_header = UNSET
        else:
            timestamp_header = self.timestamp_header

        delivery_header: str | Unset
        if isinstance(self.delivery_header, Unset):
            delivery_header = UNSET
        else:
            delivery_header = self.delivery_header

        active = self.active

        secret = self.secret

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "topic": topic,
                "preset": preset,
            }
        )
        if created_by is not UNSET:
            field_dict["created_by"] = created_by
        if signature_header is not UNSET:
            field_dict["signature_header"] = signature_header
        if timestamp_header is not UNSET:
            field_dict["timestamp_header"] = timestamp_header
        if delivery_header is not UNSET:
            field_dict["delivery_header"] = delivery_header
        if active is not UNSET:
            field_dict["active"] = active
        if secret is not UNSET:
            field_dict["secret"] = secret

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        topic = d.pop("topic")

        preset = check_hook_preset(d.pop("preset"))

        _created_by = d.pop("created_by", UNSET)
        created_by: UUID | Unset
        if isinstance(_created_by, Unset):
            created_by = UNSET
        else:
            created_by = UUID(_created_by)

        def _parse_signature_header(data: object) -> str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(str | Unset, data)

        signature_header = _parse_signature_header(d.pop("signature_header", UNSET))

        def _parse_timestamp_header(data: object) -> str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(str | Unset, data)

        timestamp_header = _parse_timestamp_header(d.pop("timestamp_header", UNSET))

        def _parse_delivery_header(data: object) -> str | Unset:
            if isinstance(data, Unset):
                return data
            return cast(str | Unset, data)

        delivery_header = _parse_delivery_header(d.pop("delivery_header", UNSET))

        active = d.pop("active", UNSET)

        secret = d.pop("secret", UNSET)

        new_hook_request = cls(
            name=name,
            topic=topic,
            preset=preset,
            created_by=created_by,
            signature_header=signature_header,
            timestamp_header=timestamp_header,
            delivery_header=delivery_header,
            active=active,
            secret=secret,
        )

        return new_hook_request
