from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.document_calendar_definition import DocumentCalendarDefinition


T = TypeVar("T", bound="DocumentCalendar")


@_attrs_define
class DocumentCalendar:
    """
    Attributes:
        name (str):
        definition (DocumentCalendarDefinition): Which dates: see docs/calendars.md.
        description (str | Unset):
    """

    name: str
    definition: DocumentCalendarDefinition
    description: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        definition = self.definition.to_dict()

        description = self.description

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "definition": definition,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.document_calendar_definition import DocumentCalendarDefinition  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        definition = DocumentCalendarDefinition.from_dict(d.pop("definition"))

        description = d.pop("description", UNSET)

        document_calendar = cls(
            name=name,
            definition=definition,
            description=description,
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
