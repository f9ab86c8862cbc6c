from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.hook_preset import HookPreset, check_hook_preset

T = TypeVar("T", bound="MadeHook")


@_attrs_define
class MadeHook:
    """
    Attributes:
        id (UUID):
        created_by (UUID): Its owner; only an admin may name another.
        name (str):
        topic (str): What its events are about, before what the sender calls them.
        preset (HookPreset):
        signature_header (str): Of the preset generic only.
        timestamp_header (str): Of the preset generic only.
        delivery_header (str): Of the preset generic only.
        active (bool):
        received_at (datetime.datetime | None): When the last event came in.
        old_secret_until (datetime.datetime | None): When the secret before this one ends to be good.
        created_at (datetime.datetime):
        url (str): Where the sender sends. It holds the token: shown this once.
        token (str): Shown this once.
        secret (str): What the sender signs with. Shown this once.
    """

    id: UUID
    created_by: UUID
    name: str
    topic: str
    preset: HookPreset
    signature_header: str
    timestamp_header: str
    delivery_header: str
    active: bool
    received_at: datetime.datetime | None
    old_secret_until: datetime.datetime | None
    created_at: datetime.datetime
    url: str
    token: str
    secret: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        created_by = str(self.created_by)

        name = self.name

        topic = self.topic

        preset: str = self.preset

        signature_header: str
        signature_header = self.signature_header

        timestamp_header: str
        timestamp_header = self.timestamp_header

        delivery_header: str
        delivery_header = self.delivery_header

        active = self.active

        received_at: None | str
        if isinstance(self.received_at, datetime.datetime):
            received_at = self.received_at.isoformat()
        else:
            received_at = self.received_at

        old_secret_until: None | str
        if isinstance(self.old_secret_until, datetime.datetime):
            old_secret_until = self.old_secret_until.isoformat()
        else:
            old_secret_until = self.old_secret_until

        created_at = self.created_at.isoformat()

        url = self.url

        token = self.token

        secret = self.secret

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "created_by": created_by,
                "name": name,
                "topic": topic,
                "preset": preset,
                "signature_header": signature_header,
                "timestamp_header": timestamp_header,
                "delivery_header": delivery_header,
                "active": active,
                "received_at": received_at,
                "old_secret_until": old_secret_until,
                "created_at": created_at,
                "url": url,
                "token": token,
                "secret": secret,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        created_by = UUID(d.pop("created_by"))

        name = d.pop("name")

        topic = d.pop("topic")

        preset = check_hook_preset(d.pop("preset"))

        def _parse_signature_header(data: object) -> str:
            return cast(str, data)

        signature_header = _parse_signature_header(d.pop("signature_header"))

        def _parse_timestamp_header(data: object) -> str:
            return cast(str, data)

        timestamp_header = _parse_timestamp_header(d.pop("timestamp_header"))

        def _parse_delivery_header(data: object) -> str:
            return cast(str, data)

        delivery_header = _parse_delivery_header(d.pop("delivery_header"))

        active = d.pop("active")

        def _parse_received_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                received_at_type_0 = datetime.datetime.fromisoformat(data)

                return received_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        received_at = _parse_received_at(d.pop("received_at"))

        def _parse_old_secret_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                old_secret_until_type_0 = datetime.datetime.fromisoformat(data)

                return old_secret_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        old_secret_until = _parse_old_secret_until(d.pop("old_secret_until"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        url = d.pop("url")

        token = d.pop("token")

        secret = d.pop("secret")

        made_hook = cls(
            id=id,
            created_by=created_by,
            name=name,
            topic=topic,
            preset=preset,
            signature_header=signature_header,
            timestamp_header=timestamp_header,
            delivery_header=delivery_header,
            active=active,
            received_at=received_at,
            old_secret_until=old_secret_until,
            created_at=created_at,
            url=url,
            token=token,
            secret=secret,
        )

        made_hook.additional_properties = d
        return made_hook

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
