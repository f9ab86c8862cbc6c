from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.imported_refused_item import ImportedRefusedItem


T = TypeVar("T", bound="Imported")


@_attrs_define
class Imported:
    """
    Attributes:
        created (list[str]):
        updated (list[str]):
        unchanged (list[str]):
        refused (list[ImportedRefusedItem]): Of an import that may be partial: the faults of what was left out.
    """

    created: list[str]
    updated: list[str]
    unchanged: list[str]
    refused: list[ImportedRefusedItem]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created = self.created

        updated = self.updated

        unchanged = self.unchanged

        refused = []
        for refused_item_data in self.refused:
            refused_item = refused_item_data.to_dict()
            refused.append(refused_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created": created,
                "updated": updated,
                "unchanged": unchanged,
                "refused": refused,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.imported_refused_item import ImportedRefusedItem  # noqa: PLC0415

        d = dict(src_dict)
        created = cast(list[str], d.pop("created"))

        updated = cast(list[str], d.pop("updated"))

        unchanged = cast(list[str], d.pop("unchanged"))

        refused = []
        _refused = d.pop("refused")
        for refused_item_data in _refused:
            refused_item = ImportedRefusedItem.from_dict(refused_item_data)

            refused.append(refused_item)

        imported = cls(
            created=created,
            updated=updated,
            unchanged=unchanged,
            refused=refused,
        )

        imported.additional_properties = d
        return imported

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
