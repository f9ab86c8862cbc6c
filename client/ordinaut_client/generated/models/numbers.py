from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.tool_health import ToolHealth, check_tool_health

if TYPE_CHECKING:
    from ..models.breaker import Breaker


T = TypeVar("T", bound="Numbers")


@_attrs_define
class Numbers:
    """
    Attributes:
        seconds (float): How long the window of these numbers is; it ends now.
        calls (int):
        failures (int):
        retries (int):
        waiting (int): Runs that wait to call it.
        health (ToolHealth):
        destinations (list[Breaker]):
    """

    seconds: float
    calls: int
    failures: int
    retries: int
    waiting: int
    health: ToolHealth
    destinations: list[Breaker]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        seconds = self.seconds

        calls = self.calls

        failures = self.failures

        retries = self.retries

        waiting = self.waiting

        health: str = self.health

        destinations = []
        for destinations_item_data in self.destinations:
            destinations_item = destinations_item_data.to_dict()
            destinations.append(destinations_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "seconds": seconds,
                "calls": calls,
                "failures": failures,
                "retries": retries,
                "waiting": waiting,
                "health": health,
                "destinations": destinations,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.breaker import Breaker  # noqa: PLC0415

        d = dict(src_dict)
        seconds = d.pop("seconds")

        calls = d.pop("calls")

        failures = d.pop("failures")

        retries = d.pop("retries")

        waiting = d.pop("waiting")

        health = check_tool_health(d.pop("health"))

        destinations = []
        _destinations = d.pop("destinations")
        for destinations_item_data in _destinations:
            destinations_item = Breaker.from_dict(destinations_item_data)

            destinations.append(destinations_item)

        numbers = cls(
            seconds=seconds,
            calls=calls,
            failures=failures,
            retries=retries,
            waiting=waiting,
            health=health,
            destinations=destinations,
        )

        numbers.additional_properties = d
        return numbers

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
