from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.document_task_probe_type_0_with import DocumentTaskProbeType0With


T = TypeVar("T", bound="DocumentTaskProbeType0")


@_attrs_define
class DocumentTaskProbeType0:
    """Of a condition: the tool call whose output it looks at.

    Attributes:
        uses (str):  Example: http.request.
        with_ (DocumentTaskProbeType0With | Unset):
        timeout_seconds (float | Unset):
    """

    uses: str
    with_: DocumentTaskProbeType0With | Unset = UNSET
    timeout_seconds: float | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        uses = self.uses

        with_: dict[str, Any] | Unset = UNSET
        if not isinstance(self.with_, Unset):
            with_ = self.with_.to_dict()

        timeout_seconds = self.timeout_seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "uses": uses,
            }
        )
        if with_ is not UNSET:
            field_dict["with"] = with_
        if timeout_seconds is not UNSET:
            field_dict["timeout_seconds"] = timeout_seconds

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.document_task_probe_type_0_with import DocumentTaskProbeType0With  # noqa: PLC0415

        d = dict(src_dict)
        uses = d.pop("uses")

        _with_ = d.pop("with", UNSET)
        with_: DocumentTaskProbeType0With | Unset
        if isinstance(_with_, Unset):
            with_ = UNSET
        else:
            with_ = DocumentTaskProbeType0With.from_dict(_with_)

        timeout_seconds = d.pop("timeout_seconds", UNSET)

        document_task_probe_type_0 = cls(
            uses=uses,
            with_=with_,
            timeout_seconds=timeout_seconds,
        )

        document_task_probe_type_0.additional_properties = d
        return document_task_probe_type_0

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
