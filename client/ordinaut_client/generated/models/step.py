from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.step_status import StepStatus, check_step_status

if TYPE_CHECKING:
    from ..models.step_cut import StepCut


T = TypeVar("T", bound="Step")


@_attrs_define
class Step:
    """
    Attributes:
        id (str):
        status (StepStatus):
        tool (str):
        attempt (int):
        input_ (Any):
        output (Any):
        cut (StepCut): Of an input or output that is too large to be listed, and null here, its size in bytes: ask with
            ?step=.
        error (Any):
        duration_ms (int): Of its last try.
        failures (int): How many tries have failed, in all attempts, of a step that has retries of its own.
        mark (str): How the run went on over its failure: continued, or with its fallback. Empty where it did not.
        simulated (bool): Its run is: no call was made, and its output may be made up.
        recorded_at (datetime.datetime):
    """

    id: str
    status: StepStatus
    tool: str
    attempt: int
    input_: Any
    output: Any
    cut: StepCut
    error: Any
    duration_ms: int
    failures: int
    mark: str
    simulated: bool
    recorded_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        status: str = self.status

        tool = self.tool

        attempt = self.attempt

        input_ = self.input_

        output = self.output

        cut = self.cut.to_dict()

        error = self.error

        duration_ms = self.duration_ms

        failures = self.failures

        mark = self.mark

        simulated = self.simulated

        recorded_at = self.recorded_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "status": status,
                "tool": tool,
                "attempt": attempt,
                "input": input_,
                "output": output,
                "cut": cut,
                "error": error,
                "duration_ms": duration_ms,
                "failures": failures,
                "mark": mark,
                "simulated": simulated,
                "recorded_at": recorded_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.step_cut import StepCut  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        status = check_step_status(d.pop("status"))

        tool = d.pop("tool")

        attempt = d.pop("attempt")

        input_ = d.pop("input")

        output = d.pop("output")

        cut = StepCut.from_dict(d.pop("cut"))

        error = d.pop("error")

        duration_ms = d.pop("duration_ms")

        failures = d.pop("failures")

        mark = d.pop("mark")

        simulated = d.pop("simulated")

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at"))

        step = cls(
            id=id,
            status=status,
            tool=tool,
            attempt=attempt,
            input_=input_,
            output=output,
            cut=cut,
            error=error,
            duration_ms=duration_ms,
            failures=failures,
            mark=mark,
            simulated=simulated,
            recorded_at=recorded_at,
        )

        step.additional_properties = d
        return step

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
