from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.damage import Damage


T = TypeVar("T", bound="Verdict")


@_attrs_define
class Verdict:
    """
    Attributes:
        intact (bool): Whether every entry is as it was written.
        first (int): The first position that is kept; 0 without entries.
        checked (int):
        head (str): The last position and its digest: note it elsewhere.
        damage (list[Damage]): The first hundred.
        more_damage (int):
    """

    intact: bool
    first: int
    checked: int
    head: str
    damage: list[Damage]
    more_damage: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        intact = self.intact

        first = self.first

        checked = self.checked

        head = self.head

        damage = []
        for damage_item_data in self.damage:
            damage_item = damage_item_data.to_dict()
            damage.append(damage_item)

        more_damage = self.more_damage

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "intact": intact,
                "first": first,
                "checked": checked,
                "head": head,
                "damage": damage,
                "more_damage": more_damage,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.damage import Damage  # noqa: PLC0415

        d = dict(src_dict)
        intact = d.pop("intact")

        first = d.pop("first")

        checked = d.pop("checked")

        head = d.pop("head")

        damage = []
        _damage = d.pop("damage")
        for damage_item_data in _damage:
            damage_item = Damage.from_dict(damage_item_data)

            damage.append(damage_item)

        more_damage = d.pop("more_damage")

        verdict = cls(
            intact=intact,
            first=first,
            checked=checked,
            head=head,
            damage=damage,
            more_damage=more_damage,
        )

        verdict.additional_properties = d
        return verdict

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
