from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.task_at import TaskAt


T = TypeVar("T", bound="Collision")


@_attrs_define
class Collision:
    """
    Attributes:
        agent (UUID): Whose key it is.
        concurrency_key (str):
        limit (int):
        at (datetime.datetime):
        until (datetime.datetime | None): Null: it had not ended at looked_until.
        tasks (list[TaskAt]):
        tasks_left_out (int):
        would_wait_seconds (float): The longest that one of the runs waits for the key; not for max_running of its
            agent.
    """

    agent: UUID
    concurrency_key: str
    limit: int
    at: datetime.datetime
    until: datetime.datetime | None
    tasks: list[TaskAt]
    tasks_left_out: int
    would_wait_seconds: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        agent = str(self.agent)

        concurrency_key = self.concurrency_key

        limit = self.limit

        at = self.at.isoformat()

        until: None | str
        if isinstance(self.until, datetime.datetime):
            until = self.until.isoformat()
        else:
            until = self.until

        tasks = []
        for tasks_item_data in self.tasks:
            tasks_item = tasks_item_data.to_dict()
            tasks.append(tasks_item)

        tasks_left_out = self.tasks_left_out

        would_wait_seconds = self.would_wait_seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "agent": agent,
                "concurrency_key": concurrency_key,
                "limit": limit,
                "at": at,
                "until": until,
                "tasks": tasks,
                "tasks_left_out": tasks_left_out,
                "would_wait_seconds": would_wait_seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.task_at import TaskAt  # noqa: PLC0415

        d = dict(src_dict)
        agent = UUID(d.pop("agent"))

        concurrency_key = d.pop("concurrency_key")

        limit = d.pop("limit")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        def _parse_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                until_type_0 = datetime.datetime.fromisoformat(data)

                return until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        until = _parse_until(d.pop("until"))

        tasks = []
        _tasks = d.pop("tasks")
        for tasks_item_data in _tasks:
            tasks_item = TaskAt.from_dict(tasks_item_data)

            tasks.append(tasks_item)

        tasks_left_out = d.pop("tasks_left_out")

        would_wait_seconds = d.pop("would_wait_seconds")

        collision = cls(
            agent=agent,
            concurrency_key=concurrency_key,
            limit=limit,
            at=at,
            until=until,
            tasks=tasks,
            tasks_left_out=tasks_left_out,
            would_wait_seconds=would_wait_seconds,
        )

        collision.additional_properties = d
        return collision

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
