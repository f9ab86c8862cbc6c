from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.tool_request import ToolRequest


T = TypeVar("T", bound="ImportRequest")


@_attrs_define
class ImportRequest:
    """What a `tools.json` says; a bare list of entries will do, too.

    Attributes:
        tools (list[ToolRequest]):
        replace (bool | Unset): Give tools that are there already a new version. Default: False.
        partial (bool | Unset): Bring those without a fault, where others have one. Default: False.
    """

    tools: list[ToolRequest]
    replace: bool | Unset = False
    partial: bool | Unset = False
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        tools = []
        for tools_item_data in self.tools:
            tools_item = tools_item_data.to_dict()
            tools.append(tools_item)

        replace = self.replace

        partial = self.partial

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "tools": tools,
            }
        )
        if replace is not UNSET:
            field_dict["replace"] = replace
        if partial is not UNSET:
            field_dict["partial"] = partial

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.tool_request import ToolRequest  # noqa: PLC0415

        d = dict(src_dict)
        tools = []
        _tools = d.pop("tools")
        for tools_item_data in _tools:
            tools_item = ToolRequest.from_dict(tools_item_data)

            tools.append(tools_item)

        replace = d.pop("replace", UNSET)

        partial = d.pop("partial", UNSET)

        import_request = cls(
            tools=tools,
            replace=replace,
            partial=partial,
        )

        import_request.additional_properties = d
        return import_request

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
