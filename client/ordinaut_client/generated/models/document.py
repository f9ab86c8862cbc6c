from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.document_calendar import DocumentCalendar
    from ..models.document_task import DocumentTask


T = TypeVar("T", bound="Document")


@_attrs_define
class Document:
    """
    Attributes:
        ordinaut (int): The version of the document's format.
        tasks (list[DocumentTask]):
        calendars (list[DocumentCalendar] | Unset):
    """

    ordinaut: int
    tasks: list[DocumentTask]
    calendars: list[DocumentCalendar] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        ordinaut = self.ordinaut

        tasks = []
        for tasks_item_data in self.tasks:
            tasks_item = tasks_item_data.to_dict()
            tasks.append(tasks_item)

        calendars: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.calendars, Unset):
            calendars = []
            for calendars_item_data in self.calendars:
                calendars_item = calendars_item_data.to_dict()
                calendars.append(calendars_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "ordinaut": ordinaut,
                "tasks": tasks,
            }
        )
        if calendars is not UNSET:
            field_dict["calendars"] = calendars

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.document_calendar import DocumentCalendar  # noqa: PLC0415
        from ..models.document_task import DocumentTask  # noqa: PLC0415

        d = dict(src_dict)
        ordinaut = d.pop("ordinaut")

        tasks = []
        _tasks = d.pop("tasks")
        for tasks_item_data in _tasks:
            tasks_item = DocumentTask.from_dict(tasks_item_data)

            tasks.append(tasks_item)

        _calendars = d.pop("calendars", UNSET)
        calendars: list[DocumentCalendar] | Unset = UNSET
        if _calendars is not UNSET:
            calendars = []
            for calendars_item_data in _calendars:
                calendars_item = DocumentCalendar.from_dict(calendars_item_data)

                calendars.append(calendars_item)

        document = cls(
            ordinaut=ordinaut,
            tasks=tasks,
            calendars=calendars,
        )

        document.additional_properties = d
        return document

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
