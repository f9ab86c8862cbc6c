from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.imported import Imported
    from ..models.offered import Offered


T = TypeVar("T", bound="Discovered")


@_attrs_define
class Discovered:
    """
    Attributes:
        tools (list[Offered]):
        imported (Imported | None): Null unless something was to be imported.
    """

    tools: list[Offered]
    imported: Imported | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.imported import Imported  # noqa: PLC0415

        tools = []
        for tools_item_data in self.tools:
            tools_item = tools_item_data.to_dict()
            tools.append(tools_item)

        imported: dict[str, Any] | None
        if isinstance(self.imported, Imported):
            imported = self.imported.to_dict()
        else:
            imported = self.imported

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "tools": tools,
                "imported": imported,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.imported import Imported  # noqa: PLC0415
        from ..models.offered import Offered  # noqa: PLC0415

        d = dict(src_dict)
        tools = []
        _tools = d.pop("tools")
        for tools_item_data in _tools:
            tools_item = Offered.from_dict(tools_item_data)

            tools.append(tools_item)

        def _parse_imported(data: object) -> Imported | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                imported_type_0 = Imported.from_dict(data)

                return imported_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Imported | None, data)

        imported = _parse_imported(d.pop("imported"))

        discovered = cls(
            tools=tools,
            imported=imported,
        )

        discovered.additional_properties = d
        return discovered

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
