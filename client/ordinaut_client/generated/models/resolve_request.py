from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

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

    def to_dict(self) -> dict[str, Any]:
        outcome: str = self.outcome

        step = self.step

        output = self.output

        comment = self.comment

        field_dict: dict[str, Any] = {}

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

        return resolve_request
