from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RunsByStatus")


@_attrs_define
class RunsByStatus:
    """
    Attributes:
        queued (int):
        running (int):
        waiting (int):
        succeeded (int):
        failed (int):
        timed_out (int):
        canceled (int):
        dead (int):
    """

    queued: int
    running: int
    waiting: int
    succeeded: int
    failed: int
    timed_out: int
    canceled: int
    dead: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        queued = self.queued

        running = self.running

        waiting = self.waiting

        succeeded = self.succeeded

        failed = self.failed

        timed_out = self.timed_out

        canceled = self.canceled

        dead = self.dead

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "queued": queued,
                "running": running,
                "waiting": waiting,
                "succeeded": succeeded,
                "failed": failed,
                "timed_out": timed_out,
                "canceled": canceled,
                "dead": dead,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        queued = d.pop("queued")

        running = d.pop("running")

        waiting = d.pop("waiting")

        succeeded = d.pop("succeeded")

        failed = d.pop("failed")

        timed_out = d.pop("timed_out")

        canceled = d.pop("canceled")

        dead = d.pop("dead")

        runs_by_status = cls(
            queued=queued,
            running=running,
            waiting=waiting,
            succeeded=succeeded,
            failed=failed,
            timed_out=timed_out,
            canceled=canceled,
            dead=dead,
        )

        runs_by_status.additional_properties = d
        return runs_by_status

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
