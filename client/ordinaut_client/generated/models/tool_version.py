from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ToolVersion")


@_attrs_define
class ToolVersion:
    """
    Attributes:
        version (int):
        by (str): agent:<id>, user:<name> or system.
        at (datetime.datetime):
        definition (Any):
    """

    version: int
    by: str
    at: datetime.datetime
    definition: Any
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        version = self.version

        by = self.by

        at = self.at.isoformat()

        definition = self.definition

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "version": version,
                "by": by,
                "at": at,
                "definition": definition,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        version = d.pop("version")

        by = d.pop("by")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        definition = d.pop("definition")

        tool_version = cls(
            version=version,
            by=by,
            at=at,
            definition=definition,
        )

        tool_version.additional_properties = d
        return tool_version

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
