from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.task_of import TaskOf


T = TypeVar("T", bound="Peak")


@_attrs_define
class Peak:
    """
    Attributes:
        minute (datetime.datetime):
        fires (int): Runs that are to begin in this minute.
        tasks (list[TaskOf]):
        tasks_left_out (int):
    """

    minute: datetime.datetime
    fires: int
    tasks: list[TaskOf]
    tasks_left_out: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        minute = self.minute.isoformat()

        fires = self.fires

        tasks = []
        for tasks_item_data in self.tasks:
            tasks_item = tasks_item_data.to_dict()
            tasks.append(tasks_item)

        tasks_left_out = self.tasks_left_out

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "minute": minute,
                "fires": fires,
                "tasks": tasks,
                "tasks_left_out": tasks_left_out,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.task_of import TaskOf  # noqa: PLC0415

        d = dict(src_dict)
        minute = datetime.datetime.fromisoformat(d.pop("minute"))

        fires = d.pop("fires")

        tasks = []
        _tasks = d.pop("tasks")
        for tasks_item_data in _tasks:
            tasks_item = TaskOf.from_dict(tasks_item_data)

            tasks.append(tasks_item)

        tasks_left_out = d.pop("tasks_left_out")

        peak = cls(
            minute=minute,
            fires=fires,
            tasks=tasks,
            tasks_left_out=tasks_left_out,
        )

        peak.additional_properties = d
        return peak

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
