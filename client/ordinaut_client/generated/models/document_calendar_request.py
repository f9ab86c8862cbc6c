from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.document_calendar_request_definition import DocumentCalendarRequestDefinition


T = TypeVar("T", bound="DocumentCalendarRequest")


@_attrs_define
class DocumentCalendarRequest:
    """
    Attributes:
        name (str):
        definition (DocumentCalendarRequestDefinition): Which dates: see docs/calendars.md.
        description (str | Unset):
    """

    name: str
    definition: DocumentCalendarRequestDefinition
    description: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        definition = self.definition.to_dict()

        description = self.description

        field_dict: dict[str, Any] = {}

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
        from ..models.document_calendar_request_definition import DocumentCalendarRequestDefinition  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        definition = DocumentCalendarRequestDefinition.from_dict(d.pop("definition"))

        description = d.pop("description", UNSET)

        document_calendar_request = cls(
            name=name,
            definition=definition,
            description=description,
        )

        return document_calendar_request
