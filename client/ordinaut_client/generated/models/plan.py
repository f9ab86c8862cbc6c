from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.calendar_difference import CalendarDifference
    from ..models.counts import Counts
    from ..models.task_difference import TaskDifference


T = TypeVar("T", bound="Plan")


@_attrs_define
class Plan:
    """
    Attributes:
        fingerprint (str): Give it to `apply`, so that what was shown is what is done.
        counts (Counts): How many tasks.
        calendars (list[CalendarDifference]):
        tasks (list[TaskDifference]):
    """

    fingerprint: str
    counts: Counts
    calendars: list[CalendarDifference]
    tasks: list[TaskDifference]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        fingerprint = self.fingerprint

        counts = self.counts.to_dict()

        calendars = []
        for calendars_item_data in self.calendars:
            calendars_item = calendars_item_data.to_dict()
            calendars.append(calendars_item)

        tasks = []
        for tasks_item_data in self.tasks:
            tasks_item = tasks_item_data.to_dict()
            tasks.append(tasks_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "fingerprint": fingerprint,
                "counts": counts,
                "calendars": calendars,
                "tasks": tasks,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.calendar_difference import CalendarDifference  # noqa: PLC0415
        from ..models.counts import Counts  # noqa: PLC0415
        from ..models.task_difference import TaskDifference  # noqa: PLC0415

        d = dict(src_dict)
        fingerprint = d.pop("fingerprint")

        counts = Counts.from_dict(d.pop("counts"))

        calendars = []
        _calendars = d.pop("calendars")
        for calendars_item_data in _calendars:
            calendars_item = CalendarDifference.from_dict(calendars_item_data)

            calendars.append(calendars_item)

        tasks = []
        _tasks = d.pop("tasks")
        for tasks_item_data in _tasks:
            tasks_item = TaskDifference.from_dict(tasks_item_data)

            tasks.append(tasks_item)

        plan = cls(
            fingerprint=fingerprint,
            counts=counts,
            calendars=calendars,
            tasks=tasks,
        )

        plan.additional_properties = d
        return plan

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
