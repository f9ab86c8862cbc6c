from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.calendar_definition import CalendarDefinition
    from ..models.fetched_file import FetchedFile


T = TypeVar("T", bound="Calendar")


@_attrs_define
class Calendar:
    """In a list, without what may be long.

    Attributes:
        id (UUID):
        name (str):
        description (str):
        created_by (UUID): Its owner; only an admin may name another.
        shared (bool): Every agent may use it.
        version (int): Raised by whatever changes its dates.
        created_at (datetime.datetime):
        updated_at (datetime.datetime):
        definition (CalendarDefinition): Which dates: see docs/calendars.md.
        files (list[FetchedFile]):
    """

    id: UUID
    name: str
    description: str
    created_by: UUID
    shared: bool
    version: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    definition: CalendarDefinition
    files: list[FetchedFile]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        name = self.name

        description = self.description

        created_by = str(self.created_by)

        shared = self.shared

        version = self.version

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        definition = self.definition.to_dict()

        files = []
        for files_item_data in self.files:
            files_item = files_item_data.to_dict()
            files.append(files_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "description": description,
                "created_by": created_by,
                "shared": shared,
                "version": version,
                "created_at": created_at,
                "updated_at": updated_at,
                "definition": definition,
                "files": files,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.calendar_definition import CalendarDefinition  # noqa: PLC0415
        from ..models.fetched_file import FetchedFile  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        name = d.pop("name")

        description = d.pop("description")

        created_by = UUID(d.pop("created_by"))

        shared = d.pop("shared")

        version = d.pop("version")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        definition = CalendarDefinition.from_dict(d.pop("definition"))

        files = []
        _files = d.pop("files")
        for files_item_data in _files:
            files_item = FetchedFile.from_dict(files_item_data)

            files.append(files_item)

        calendar = cls(
            id=id,
            name=name,
            description=description,
            created_by=created_by,
            shared=shared,
            version=version,
            created_at=created_at,
            updated_at=updated_at,
            definition=definition,
            files=files,
        )

        calendar.additional_properties = d
        return calendar

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
