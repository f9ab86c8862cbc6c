from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.document_calendar_request import DocumentCalendarRequest
    from ..models.document_task_request import DocumentTaskRequest


T = TypeVar("T", bound="DocumentRequest")


@_attrs_define
class DocumentRequest:
    """
    Attributes:
        ordinaut (int): The version of the document's format.
        tasks (list[DocumentTaskRequest]):
        calendars (list[DocumentCalendarRequest] | Unset):
    """

    ordinaut: int
    tasks: list[DocumentTaskRequest]
    calendars: list[DocumentCalendarRequest] | Unset = UNSET

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
        from ..models.document_calendar_request import DocumentCalendarRequest  # noqa: PLC0415
        from ..models.document_task_request import DocumentTaskRequest  # noqa: PLC0415

        d = dict(src_dict)
        ordinaut = d.pop("ordinaut")

        tasks = []
        _tasks = d.pop("tasks")
        for tasks_item_data in _tasks:
            tasks_item = DocumentTaskRequest.from_dict(tasks_item_data)

            tasks.append(tasks_item)

        _calendars = d.pop("calendars", UNSET)
        calendars: list[DocumentCalendarRequest] | Unset = UNSET
        if _calendars is not UNSET:
            calendars = []
            for calendars_item_data in _calendars:
                calendars_item = DocumentCalendarRequest.from_dict(calendars_item_data)

                calendars.append(calendars_item)

        document_request = cls(
            ordinaut=ordinaut,
            tasks=tasks,
            calendars=calendars,
        )

        return document_request
