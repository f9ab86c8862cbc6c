from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.duration import Duration
    from ..models.runs_by_status import RunsByStatus


T = TypeVar("T", bound="TaskStats")


@_attrs_define
class TaskStats:
    """
    Attributes:
        after (datetime.datetime):
        before (datetime.datetime):
        runs (int): Live ones; simulated runs count as nothing else.
        by_status (RunsByStatus):
        simulated (int):
        success_rate (float | None): Of the runs that succeeded, failed, timed out or are dead; null without any.
        duration_seconds (Duration):
        truncated (bool): Whether only the newest of the window's runs were looked at.
    """

    after: datetime.datetime
    before: datetime.datetime
    runs: int
    by_status: RunsByStatus
    simulated: int
    success_rate: float | None
    duration_seconds: Duration
    truncated: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        after = self.after.isoformat()

        before = self.before.isoformat()

        runs = self.runs

        by_status = self.by_status.to_dict()

        simulated = self.simulated

        success_rate: float | None
        success_rate = self.success_rate

        duration_seconds = self.duration_seconds.to_dict()

        truncated = self.truncated

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "after": after,
                "before": before,
                "runs": runs,
                "by_status": by_status,
                "simulated": simulated,
                "success_rate": success_rate,
                "duration_seconds": duration_seconds,
                "truncated": truncated,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.duration import Duration  # noqa: PLC0415
        from ..models.runs_by_status import RunsByStatus  # noqa: PLC0415

        d = dict(src_dict)
        after = datetime.datetime.fromisoformat(d.pop("after"))

        before = datetime.datetime.fromisoformat(d.pop("before"))

        runs = d.pop("runs")

        by_status = RunsByStatus.from_dict(d.pop("by_status"))

        simulated = d.pop("simulated")

        def _parse_success_rate(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        success_rate = _parse_success_rate(d.pop("success_rate"))

        duration_seconds = Duration.from_dict(d.pop("duration_seconds"))

        truncated = d.pop("truncated")

        task_stats = cls(
            after=after,
            before=before,
            runs=runs,
            by_status=by_status,
            simulated=simulated,
            success_rate=success_rate,
            duration_seconds=duration_seconds,
            truncated=truncated,
        )

        task_stats.additional_properties = d
        return task_stats

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
