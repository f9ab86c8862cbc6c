from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Backfilled")


@_attrs_define
class Backfilled:
    """
    Attributes:
        backfill (UUID): Its runs are listed by /runs?backfill=.
        runs (int): Runs made.
        already (int): Instants that had a run before.
    """

    backfill: UUID
    runs: int
    already: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        backfill = str(self.backfill)

        runs = self.runs

        already = self.already

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "backfill": backfill,
                "runs": runs,
                "already": already,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        backfill = UUID(d.pop("backfill"))

        runs = d.pop("runs")

        already = d.pop("already")

        backfilled = cls(
            backfill=backfill,
            runs=runs,
            already=already,
        )

        backfilled.additional_properties = d
        return backfilled

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
