from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

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

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        definition = self.definition.to_dict()

        description = self.description

        shared = self.shared

        field_dict: dict[str, Any] = {}

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

        return calendar_change_request
