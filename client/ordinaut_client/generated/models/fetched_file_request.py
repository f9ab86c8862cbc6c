from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="FetchedFileRequest")


@_attrs_define
class FetchedFileRequest:
    """
    Attributes:
        url (str):
        fetched_at (datetime.datetime): When the text in force was fetched.
        error (str): Why the last try brought nothing; empty when it did.
    """

    url: str
    fetched_at: datetime.datetime
    error: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        url = self.url

        fetched_at = self.fetched_at.isoformat()

        error = self.error

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "url": url,
                "fetched_at": fetched_at,
                "error": error,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        url = d.pop("url")

        fetched_at = datetime.datetime.fromisoformat(d.pop("fetched_at"))

        error = d.pop("error")

        fetched_file_request = cls(
            url=url,
            fetched_at=fetched_at,
            error=error,
        )

        fetched_file_request.additional_properties = d
        return fetched_file_request

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
