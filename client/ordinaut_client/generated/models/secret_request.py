from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="SecretRequest")


@_attrs_define
class SecretRequest:
    """
    Attributes:
        value (str): Taken, encrypted, and never answered.
        hosts (list[str] | Unset): Where it may be sent: api.example.org, or *.example.org for names below.
        owner (None | Unset | UUID): The agent whose runs may use it, the caller unless given; only an admin names
            another, or null for all.
    """

    value: str
    hosts: list[str] | Unset = UNSET
    owner: None | Unset | UUID = UNSET

    def to_dict(self) -> dict[str, Any]:
        value = self.value

        hosts: list[str] | Unset = UNSET
        if not isinstance(self.hosts, Unset):
            hosts = self.hosts

        owner: None | str | Unset
        if isinstance(self.owner, Unset):
            owner = UNSET
        elif isinstance(self.owner, UUID):
            owner = str(self.owner)
        else:
            owner = self.owner

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "value": value,
            }
        )
        if hosts is not UNSET:
            field_dict["hosts"] = hosts
        if owner is not UNSET:
            field_dict["owner"] = owner

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        value = d.pop("value")

        hosts = cast(list[str], d.pop("hosts", UNSET))

        def _parse_owner(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                owner_type_0 = UUID(data)

                return owner_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        owner = _parse_owner(d.pop("owner", UNSET))

        secret_request = cls(
            value=value,
            hosts=hosts,
            owner=owner,
        )

        return secret_request
