from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.calendar_change_request_definition import CalendarChangeRequestDefinition


T = TypeVar("T", bound="CalendarChangeRequest")


@_attrs_define
class CalendarChangeRequest:
    """Whose a calendar is never changes.

    Attributes:
        name (str):
        definition (CalendarChangeRequestDefinition): Which dates: see docs/calendars.md.
        description (str | Unset):
        shared (bool | Unset): Every agent may use it.
    """

    name: str
    definition: CalendarChangeRequestDefinition
    description: str | Unset = UNSET
    shared: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        definition = self.definition.to_dict()

        description = self.description

        shared = self.shared

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
        if shared is not UNSET:
            field_dict["shared"] = shared

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.calendar_change_request_definition import CalendarChangeRequestDefinition  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        definition = CalendarChangeRequestDefinition.from_dict(d.pop("definition"))

        description = d.pop("description", UNSET)

        shared = d.pop("shared", UNSET)

        calendar_change_request = cls(
            name=name,
            definition=definition,
            description=description,
            shared=shared,
        )

        calendar_change_request.additional_properties = d
        return calendar_change_request

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
