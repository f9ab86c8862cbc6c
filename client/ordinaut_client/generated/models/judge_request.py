from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="JudgeRequest")


@_attrs_define
class JudgeRequest:
    """
    Attributes:
        step (str | Unset): The step that is meant; refused if it is another.
        comment (str | Unset):
    """

    step: str | Unset = UNSET
    comment: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        step = self.step

        comment = self.comment

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if step is not UNSET:
            field_dict["step"] = step
        if comment is not UNSET:
            field_dict["comment"] = comment

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        step = d.pop("step", UNSET)

        comment = d.pop("comment", UNSET)

        judge_request = cls(
            step=step,
            comment=comment,
        )

        return judge_request
