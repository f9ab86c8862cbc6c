from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TasksLookedAt")


@_attrs_define
class TasksLookedAt:
    """
    Attributes:
        forecast (int):
        unforeseeable (int): They wait for an event, a condition or somebody's word.
        paused (int):
        unreadable (int): Their schedule cannot be evaluated.
        left_out (int): There are too many.
    """

    forecast: int
    unforeseeable: int
    paused: int
    unreadable: int
    left_out: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        forecast = self.forecast

        unforeseeable = self.unforeseeable

        paused = self.paused

        unreadable = self.unreadable

        left_out = self.left_out

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "forecast": forecast,
                "unforeseeable": unforeseeable,
                "paused": paused,
                "unreadable": unreadable,
                "left_out": left_out,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        forecast = d.pop("forecast")

        unforeseeable = d.pop("unforeseeable")

        paused = d.pop("paused")

        unreadable = d.pop("unreadable")

        left_out = d.pop("left_out")

        tasks_looked_at = cls(
            forecast=forecast,
            unforeseeable=unforeseeable,
            paused=paused,
            unreadable=unreadable,
            left_out=left_out,
        )

        tasks_looked_at.additional_properties = d
        return tasks_looked_at

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
