from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Proposal")


@_attrs_define
class Proposal:
    """
    Attributes:
        task (UUID):
        title (str):
        jitter_seconds (int):
        peak_before (int): Runs in the highest minute that the task takes part in.
        peak_after (int): The same once every proposal is followed.
    """

    task: UUID
    title: str
    jitter_seconds: int
    peak_before: int
    peak_after: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        task = str(self.task)

        title = self.title

        jitter_seconds = self.jitter_seconds

        peak_before = self.peak_before

        peak_after = self.peak_after

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "task": task,
                "title": title,
                "jitter_seconds": jitter_seconds,
                "peak_before": peak_before,
                "peak_after": peak_after,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        task = UUID(d.pop("task"))

        title = d.pop("title")

        jitter_seconds = d.pop("jitter_seconds")

        peak_before = d.pop("peak_before")

        peak_after = d.pop("peak_after")

        proposal = cls(
            task=task,
            title=title,
            jitter_seconds=jitter_seconds,
            peak_before=peak_before,
            peak_after=peak_after,
        )

        proposal.additional_properties = d
        return proposal

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
