from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

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

    def to_dict(self) -> dict[str, Any]:
        url = self.url

        fetched_at = self.fetched_at.isoformat()

        error = self.error

        field_dict: dict[str, Any] = {}

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

        return fetched_file_request
