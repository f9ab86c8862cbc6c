from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.run_status import RunStatus, check_run_status
from ..models.trigger import Trigger, check_trigger

T = TypeVar("T", bound="RunMade")


@_attrs_define
class RunMade:
    """
    Attributes:
        id (UUID):
        status (RunStatus):
        trigger (Trigger):
        scheduled_for (datetime.datetime | None): The nominal instant; null when asked for by hand.
        run_at (datetime.datetime): When it may be claimed.
        started_at (datetime.datetime | None):
        finished_at (datetime.datetime | None):
        delay_seconds (float | None): From the nominal instant to its first beginning.
    """

    id: UUID
    status: RunStatus
    trigger: Trigger
    scheduled_for: datetime.datetime | None
    run_at: datetime.datetime
    started_at: datetime.datetime | None
    finished_at: datetime.datetime | None
    delay_seconds: float | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        status: str = self.status

        trigger: str = self.trigger

        scheduled_for: None | str
        if isinstance(self.scheduled_for, datetime.datetime):
            scheduled_for = self.scheduled_for.isoformat()
        else:
            scheduled_for = self.scheduled_for

        run_at = self.run_at.isoformat()

        started_at: None | str
        if isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        finished_at: None | str
        if isinstance(self.finished_at, datetime.datetime):
            finished_at = self.finished_at.isoformat()
        else:
            finished_at = self.finished_at

        delay_seconds: float | None
        delay_seconds = self.delay_seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "status": status,
                "trigger": trigger,
                "scheduled_for": scheduled_for,
                "run_at": run_at,
                "started_at": started_at,
                "finished_at": finished_at,
                "delay_seconds": delay_seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        status = check_run_status(d.pop("status"))

        trigger = check_trigger(d.pop("trigger"))

        def _parse_scheduled_for(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                scheduled_for_type_0 = datetime.datetime.fromisoformat(data)

                return scheduled_for_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        scheduled_for = _parse_scheduled_for(d.pop("scheduled_for"))

        run_at = datetime.datetime.fromisoformat(d.pop("run_at"))

        def _parse_started_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        started_at = _parse_started_at(d.pop("started_at"))

        def _parse_finished_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                finished_at_type_0 = datetime.datetime.fromisoformat(data)

                return finished_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        finished_at = _parse_finished_at(d.pop("finished_at"))

        def _parse_delay_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        delay_seconds = _parse_delay_seconds(d.pop("delay_seconds"))

        run_made = cls(
            id=id,
            status=status,
            trigger=trigger,
            scheduled_for=scheduled_for,
            run_at=run_at,
            started_at=started_at,
            finished_at=finished_at,
            delay_seconds=delay_seconds,
        )

        run_made.additional_properties = d
        return run_made

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
