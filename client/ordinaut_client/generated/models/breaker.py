from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.breaker_state import BreakerState, check_breaker_state

T = TypeVar("T", bound="Breaker")


@_attrs_define
class Breaker:
    """
    Attributes:
        id (UUID):
        destination (str): A tool, with the host and port where it has one.
        state (BreakerState):
        calls (int): In the last minute.
        failures (int): Of these calls.
        retries_left (int): Of the retry budget of the last minute.
        waiting (int): Runs that wait to call it.
        opened_at (datetime.datetime | None):
        next_trial_at (datetime.datetime | None):
        called_at (datetime.datetime):
    """

    id: UUID
    destination: str
    state: BreakerState
    calls: int
    failures: int
    retries_left: int
    waiting: int
    opened_at: datetime.datetime | None
    next_trial_at: datetime.datetime | None
    called_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        destination = self.destination

        state: str = self.state

        calls = self.calls

        failures = self.failures

        retries_left = self.retries_left

        waiting = self.waiting

        opened_at: None | str
        if isinstance(self.opened_at, datetime.datetime):
            opened_at = self.opened_at.isoformat()
        else:
            opened_at = self.opened_at

        next_trial_at: None | str
        if isinstance(self.next_trial_at, datetime.datetime):
            next_trial_at = self.next_trial_at.isoformat()
        else:
            next_trial_at = self.next_trial_at

        called_at = self.called_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "destination": destination,
                "state": state,
                "calls": calls,
                "failures": failures,
                "retries_left": retries_left,
                "waiting": waiting,
                "opened_at": opened_at,
                "next_trial_at": next_trial_at,
                "called_at": called_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        destination = d.pop("destination")

        state = check_breaker_state(d.pop("state"))

        calls = d.pop("calls")

        failures = d.pop("failures")

        retries_left = d.pop("retries_left")

        waiting = d.pop("waiting")

        def _parse_opened_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                opened_at_type_0 = datetime.datetime.fromisoformat(data)

                return opened_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        opened_at = _parse_opened_at(d.pop("opened_at"))

        def _parse_next_trial_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                next_trial_at_type_0 = datetime.datetime.fromisoformat(data)

                return next_trial_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        next_trial_at = _parse_next_trial_at(d.pop("next_trial_at"))

        called_at = datetime.datetime.fromisoformat(d.pop("called_at"))

        breaker = cls(
            id=id,
            destination=destination,
            state=state,
            calls=calls,
            failures=failures,
            retries_left=retries_left,
            waiting=waiting,
            opened_at=opened_at,
            next_trial_at=next_trial_at,
            called_at=called_at,
        )

        breaker.additional_properties = d
        return breaker

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
