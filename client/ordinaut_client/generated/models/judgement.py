from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.fault import Fault
    from ..models.step_in_order import StepInOrder


T = TypeVar("T", bound="Judgement")


@_attrs_define
class Judgement:
    """
    Attributes:
        valid (bool):
        faults (list[Fault]):
        more_faults (int): How many more there are than `faults` lists.
        steps (list[StepInOrder]): Empty where there are faults.
    """

    valid: bool
    faults: list[Fault]
    more_faults: int
    steps: list[StepInOrder]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        valid = self.valid

        faults = []
        for faults_item_data in self.faults:
            faults_item = faults_item_data.to_dict()
            faults.append(faults_item)

        more_faults = self.more_faults

        steps = []
        for steps_item_data in self.steps:
            steps_item = steps_item_data.to_dict()
            steps.append(steps_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "valid": valid,
                "faults": faults,
                "more_faults": more_faults,
                "steps": steps,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.fault import Fault  # noqa: PLC0415
        from ..models.step_in_order import StepInOrder  # noqa: PLC0415

        d = dict(src_dict)
        valid = d.pop("valid")

        faults = []
        _faults = d.pop("faults")
        for faults_item_data in _faults:
            faults_item = Fault.from_dict(faults_item_data)

            faults.append(faults_item)

        more_faults = d.pop("more_faults")

        steps = []
        _steps = d.pop("steps")
        for steps_item_data in _steps:
            steps_item = StepInOrder.from_dict(steps_item_data)

            steps.append(steps_item)

        judgement = cls(
            valid=valid,
            faults=faults,
            more_faults=more_faults,
            steps=steps,
        )

        judgement.additional_properties = d
        return judgement

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
