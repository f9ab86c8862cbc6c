from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.occurrence import Occurrence


T = TypeVar("T", bound="Preview")


@_attrs_define
class Preview:
    """
    Attributes:
        timezone (str):
        items (list[Occurrence]):
        ends (bool): Whether nothing comes after these.
        left_out (int): Withheld instants among them that are not listed.
        cut (bool): Whether the search was given up before enough were found.
        sentence (str): What is to be known besides, such as that the task is paused.
    """

    timezone: str
    items: list[Occurrence]
    ends: bool
    left_out: int
    cut: bool
    sentence: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        timezone = self.timezone

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        ends = self.ends

        left_out = self.left_out

        cut = self.cut

        sentence = self.sentence

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "timezone": timezone,
                "items": items,
                "ends": ends,
                "left_out": left_out,
                "cut": cut,
                "sentence": sentence,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.occurrence import Occurrence  # noqa: PLC0415

        d = dict(src_dict)
        timezone = d.pop("timezone")

        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = Occurrence.from_dict(items_item_data)

            items.append(items_item)

        ends = d.pop("ends")

        left_out = d.pop("left_out")

        cut = d.pop("cut")

        sentence = d.pop("sentence")

        preview = cls(
            timezone=timezone,
            items=items,
            ends=ends,
            left_out=left_out,
            cut=cut,
            sentence=sentence,
        )

        preview.additional_properties = d
        return preview

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
