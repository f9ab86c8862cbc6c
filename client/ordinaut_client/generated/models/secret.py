from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Secret")


@_attrs_define
class Secret:
    """
    Attributes:
        name (str):
        hosts (list[str]): Where it may be sent: api.example.org, or *.example.org for names below.
        owner (None | UUID): The agent whose runs may use it, the caller unless given; only an admin names another, or
            null for all.
        key_id (str): Which key encrypted it.
        created_at (datetime.datetime):
        rotated_at (datetime.datetime):
    """

    name: str
    hosts: list[str]
    owner: None | UUID
    key_id: str
    created_at: datetime.datetime
    rotated_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        hosts = self.hosts

        owner: None | str
        if isinstance(self.owner, UUID):
            owner = str(self.owner)
        else:
            owner = self.owner

        key_id = self.key_id

        created_at = self.created_at.isoformat()

        rotated_at = self.rotated_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "hosts": hosts,
                "owner": owner,
                "key_id": key_id,
                "created_at": created_at,
                "rotated_at": rotated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        hosts = cast(list[str], d.pop("hosts"))

        def _parse_owner(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                owner_type_0 = UUID(data)

                return owner_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        owner = _parse_owner(d.pop("owner"))

        key_id = d.pop("key_id")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        rotated_at = datetime.datetime.fromisoformat(d.pop("rotated_at"))

        secret = cls(
            name=name,
            hosts=hosts,
            owner=owner,
            key_id=key_id,
            created_at=created_at,
            rotated_at=rotated_at,
        )

        secret.additional_properties = d
        return secret

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
