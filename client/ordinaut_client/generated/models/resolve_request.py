from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.resolve_outcome import ResolveOutcome, check_resolve_outcome
from ..types import UNSET, Unset

T = TypeVar("T", bound="ResolveRequest")


@_attrs_define
class ResolveRequest:
    """
    Attributes:
        outcome (ResolveOutcome):
        step (str | Unset): The step that is meant; refused if it is another.
        output (Any | Unset): Of a step that succeeded.
        comment (str | Unset):
    """

    outcome: ResolveOutcome
    step: str | Unset = UNSET
    output: Any | Unset = UNSET
    comment: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        outcome: str = self.outcome

        step = self.step

        output = self.output

        comment = self.comment

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "outcome": outcome,
            }
        )
        if step is not UNSET:
            field_dict["step"] = step
        if output is not UNSET:
            field_dict["output"] = output
        if comment is not UNSET:
            field_dict["comment"] = comment

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        outcome = check_resolve_outcome(d.pop("outcome"))

        step = d.pop("step", UNSET)

        output = d.pop("output", UNSET)

        comment = d.pop("comment", UNSET)

        resolve_request = cls(
            outcome=outcome,
            step=step,
            output=output,
            comment=comment,
        )

        resolve_request.additional_properties = d
        return resolve_request

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
