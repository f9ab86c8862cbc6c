from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

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

    def to_dict(self) -> dict[str, Any]:
        tools = []
        for tools_item_data in self.tools:
            tools_item = tools_item_data.to_dict()
            tools.append(tools_item)

        replace = self.replace

        partial = self.partial

        field_dict: dict[str, Any] = {}

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

        return import_request
