from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.offered_state import OfferedState, check_offered_state

if TYPE_CHECKING:
    from ..models.offered_input_schema import OfferedInputSchema
    from ..models.offered_output_schema import OfferedOutputSchema


T = TypeVar("T", bound="Offered")


@_attrs_define
class Offered:
    """
    Attributes:
        name (str): As the server calls it.
        address (str): Empty where another tool's name comes to the same one.
        state (OfferedState):
        description (str):
        input_schema (OfferedInputSchema):
        output_schema (OfferedOutputSchema):
        fingerprint (str):
    """

    name: str
    address: str
    state: OfferedState
    description: str
    input_schema: OfferedInputSchema
    output_schema: OfferedOutputSchema
    fingerprint: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        address = self.address

        state: str = self.state

        description = self.description

        input_schema = self.input_schema.to_dict()

        output_schema = self.output_schema.to_dict()

        fingerprint = self.fingerprint

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "address": address,
                "state": state,
                "description": description,
                "input_schema": input_schema,
                "output_schema": output_schema,
                "fingerprint": fingerprint,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.offered_input_schema import OfferedInputSchema  # noqa: PLC0415
        from ..models.offered_output_schema import OfferedOutputSchema  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        address = d.pop("address")

        state = check_offered_state(d.pop("state"))

        description = d.pop("description")

        input_schema = OfferedInputSchema.from_dict(d.pop("input_schema"))

        output_schema = OfferedOutputSchema.from_dict(d.pop("output_schema"))

        fingerprint = d.pop("fingerprint")

        offered = cls(
            name=name,
            address=address,
            state=state,
            description=description,
            input_schema=input_schema,
            output_schema=output_schema,
            fingerprint=fingerprint,
        )

        offered.additional_properties = d
        return offered

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
