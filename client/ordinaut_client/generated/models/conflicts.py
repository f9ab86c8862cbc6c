from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.collision import Collision
    from ..models.conflicts_skipped import ConflictsSkipped
    from ..models.peak import Peak
    from ..models.proposal import Proposal
    from ..models.tasks_looked_at import TasksLookedAt


T = TypeVar("T", bound="Conflicts")


@_attrs_define
class Conflicts:
    """
    Attributes:
        from_ (datetime.datetime):
        to (datetime.datetime):
        looked_until (datetime.datetime): Every instant before it was looked at.
        truncated (bool): Whether that is before `to`: there were too many.
        slots (int): Runs that go on at a time.
        tasks (TasksLookedAt):
        fires (int):
        skipped (ConflictsSkipped): Instants by reason.
        collisions (list[Collision]):
        collisions_left_out (int):
        peaks (list[Peak]):
        spread (list[Proposal]):
        spread_left_out (int):
    """

    from_: datetime.datetime
    to: datetime.datetime
    looked_until: datetime.datetime
    truncated: bool
    slots: int
    tasks: TasksLookedAt
    fires: int
    skipped: ConflictsSkipped
    collisions: list[Collision]
    collisions_left_out: int
    peaks: list[Peak]
    spread: list[Proposal]
    spread_left_out: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from_ = self.from_.isoformat()

        to = self.to.isoformat()

        looked_until = self.looked_until.isoformat()

        truncated = self.truncated

        slots = self.slots

        tasks = self.tasks.to_dict()

        fires = self.fires

        skipped = self.skipped.to_dict()

        collisions = []
        for collisions_item_data in self.collisions:
            collisions_item = collisions_item_data.to_dict()
            collisions.append(collisions_item)

        collisions_left_out = self.collisions_left_out

        peaks = []
        for peaks_item_data in self.peaks:
            peaks_item = peaks_item_data.to_dict()
            peaks.append(peaks_item)

        spread = []
        for spread_item_data in self.spread:
            spread_item = spread_item_data.to_dict()
            spread.append(spread_item)

        spread_left_out = self.spread_left_out

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "from": from_,
                "to": to,
                "looked_until": looked_until,
                "truncated": truncated,
                "slots": slots,
                "tasks": tasks,
                "fires": fires,
                "skipped": skipped,
                "collisions": collisions,
                "collisions_left_out": collisions_left_out,
                "peaks": peaks,
                "spread": spread,
                "spread_left_out": spread_left_out,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.collision import Collision  # noqa: PLC0415
        from ..models.conflicts_skipped import ConflictsSkipped  # noqa: PLC0415
        from ..models.peak import Peak  # noqa: PLC0415
        from ..models.proposal import Proposal  # noqa: PLC0415
        from ..models.tasks_looked_at import TasksLookedAt  # noqa: PLC0415

        d = dict(src_dict)
        from_ = datetime.datetime.fromisoformat(d.pop("from"))

        to = datetime.datetime.fromisoformat(d.pop("to"))

        looked_until = datetime.datetime.fromisoformat(d.pop("looked_until"))

        truncated = d.pop("truncated")

        slots = d.pop("slots")

        tasks = TasksLookedAt.from_dict(d.pop("tasks"))

        fires = d.pop("fires")

        skipped = ConflictsSkipped.from_dict(d.pop("skipped"))

        collisions = []
        _collisions = d.pop("collisions")
        for collisions_item_data in _collisions:
            collisions_item = Collision.from_dict(collisions_item_data)

            collisions.append(collisions_item)

        collisions_left_out = d.pop("collisions_left_out")

        peaks = []
        _peaks = d.pop("peaks")
        for peaks_item_data in _peaks:
            peaks_item = Peak.from_dict(peaks_item_data)

            peaks.append(peaks_item)

        spread = []
        _spread = d.pop("spread")
        for spread_item_data in _spread:
            spread_item = Proposal.from_dict(spread_item_data)

            spread.append(spread_item)

        spread_left_out = d.pop("spread_left_out")

        conflicts = cls(
            from_=from_,
            to=to,
            looked_until=looked_until,
            truncated=truncated,
            slots=slots,
            tasks=tasks,
            fires=fires,
            skipped=skipped,
            collisions=collisions,
            collisions_left_out=collisions_left_out,
            peaks=peaks,
            spread=spread,
            spread_left_out=spread_left_out,
        )

        conflicts.additional_properties = d
        return conflicts

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
