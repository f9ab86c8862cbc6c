from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.patched_calendar_change_request_definition import PatchedCalendarChangeRequestDefinition


T = TypeVar("T", bound="PatchedCalendarChangeRequest")


@_attrs_define
class PatchedCalendarChangeRequest:
    """Whose a calendar is never changes.

    Attributes:
        name (str | Unset):
        description (str | Unset):
        shared (bool | Unset): Every agent may use it.
        definition (PatchedCalendarChangeRequestDefinition | Unset): Which dates: see docs/calendars.md.
    """

    name: str | Unset = UNSET
    description: str | Unset = UNSET
    shared: bool | Unset = UNSET
    definition: PatchedCalendarChangeRequestDefinition | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        description = self.description

        shared = self.shared

        definition: dict[str, Any] | Unset = UNSET
        if not isinstance(self.definition, Unset):
            definition = self.definition.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if description is not UNSET:
            field_dict["description"] = description
        if shared is not UNSET:
            field_dict["shared"] = shared
        if definition is not UNSET:
            field_dict["definition"] = definition

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.patched_calendar_change_request_definition import PatchedCalendarChangeRequestDefinition  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name", UNSET)

        description = d.pop("description", UNSET)

        shared = d.pop("shared", UNSET)

        _definition = d.pop("definition", UNSET)
        definition: PatchedCalendarChangeRequestDefinition | Unset
        if isinstance(_definition, Unset):
            definition = UNSET
        else:
            definition = PatchedCalendarChangeRequestDefinition.from_dict(_definition)

        patched_calendar_change_request = cls(
            name=name,
            description=description,
            shared=shared,
            definition=definition,
        )

        return patched_calendar_change_request
