from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.calendar_request_definition import CalendarRequestDefinition


T = TypeVar("T", bound="CalendarRequest")


@_attrs_define
class CalendarRequest:
    """In a list, without what may be long.

    Attributes:
        name (str):
        definition (CalendarRequestDefinition): Which dates: see docs/calendars.md.
        description (str | Unset):
        created_by (UUID | Unset): Its owner; only an admin may name another.
        shared (bool | Unset): Every agent may use it.
    """

    name: str
    definition: CalendarRequestDefinition
    description: str | Unset = UNSET
    created_by: UUID | Unset = UNSET
    shared: bool | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        definition = self.definition.to_dict()

        description = self.description

        created_by: str | Unset = UNSET
        if not isinstance(self.created_by, Unset):
            created_by = str(self.created_by)

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
        if created_by is not UNSET:
            field_dict["created_by"] = created_by
        if shared is not UNSET:
            field_dict["shared"] = shared

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.calendar_request_definition import CalendarRequestDefinition  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        definition = CalendarRequestDefinition.from_dict(d.pop("definition"))

        description = d.pop("description", UNSET)

        _created_by = d.pop("created_by", UNSET)
        created_by: UUID | Unset
        if isinstance(_created_by, Unset):
            created_by = UNSET
        else:
            created_by = UUID(_created_by)

        shared = d.pop("shared", UNSET)

        calendar_request = cls(
            name=name,
            definition=definition,
            description=description,
            created_by=created_by,
            shared=shared,
        )

        return calendar_request
