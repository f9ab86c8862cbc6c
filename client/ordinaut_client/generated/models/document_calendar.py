from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.document_calendar_definition import DocumentCalendarDefinition


T = TypeVar("T", bound="DocumentCalendar")


@_attrs_define
class DocumentCalendar:
    """
    Attributes:
        name (str):
        description (str):
        definition (DocumentCalendarDefinition): Which dates: see docs/calendars.md.
    """

    name: str
    description: str
    definition: DocumentCalendarDefinition
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        description = self.description

        definition = self.definition.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "description": description,
                "definition": definition,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.document_calendar_definition import DocumentCalendarDefinition  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        description = d.pop("description")

        definition = DocumentCalendarDefinition.from_dict(d.pop("definition"))

        document_calendar = cls(
            name=name,
            description=description,
            definition=definition,
        )

        document_calendar.additional_properties = d
        return document_calendar

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
