from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.blank import Blank, check_blank
from ..models.run_status import RunStatus, check_run_status
from ..models.trigger import Trigger, check_trigger
from ..models.waiting_for import WaitingFor, check_waiting_for

T = TypeVar("T", bound="Run")


@_attrs_define
class Run:
    """
    Attributes:
        id (UUID):
        task_id (UUID):
        task_version (int):
        agent_id (UUID): Whose run it is: its task's owner.
        trigger (Trigger):
        scheduled_for (datetime.datetime | None): The nominal instant; null when asked for by hand.
        status (RunStatus):
        waiting_for (Blank | WaitingFor): Empty unless it waits.
        priority (int): The task's, until waiting raises it.
        run_at (datetime.datetime): When it may be claimed.
        lane (str): Of one lane, one run at a time.
        concurrency_key (str):
        backfill (None | UUID): The backfill that asked for it.
        simulated (bool): It calls no tool: what its steps come to is made up.
        attempt (int): Claims so far.
        failures (int): Attempts that failed and were retried.
        losses (int): Workers lost under it.
        worker (str): Who claimed it last.
        request_id (str):
        error (Any):
        created_at (datetime.datetime):
        started_at (datetime.datetime | None):
        finished_at (datetime.datetime | None):
    """

    id: UUID
    task_id: UUID
    task_version: int
    agent_id: UUID
    trigger: Trigger
    scheduled_for: datetime.datetime | None
    status: RunStatus
    waiting_for: Blank | WaitingFor
    priority: int
    run_at: datetime.datetime
    lane: str
    concurrency_key: str
    backfill: None | UUID
    simulated: bool
    attempt: int
    failures: int
    losses: int
    worker: str
    request_id: str
    error: Any
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    finished_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        task_id = str(self.task_id)

        task_version = self.task_version

        agent_id = str(self.agent_id)

        trigger: str = self.trigger

        scheduled_for: None | str
        if isinstance(self.scheduled_for, datetime.datetime):
            scheduled_for = self.scheduled_for.isoformat()
        else:
            scheduled_for = self.scheduled_for

        status: str = self.status

        waiting_for: str
        if isinstance(self.waiting_for, str):
            waiting_for = self.waiting_for
        else:
            waiting_for = self.waiting_for

        priority = self.priority

        run_at = self.run_at.isoformat()

        lane = self.lane

        concurrency_key = self.concurrency_key

        backfill: None | str
        if isinstance(self.backfill, UUID):
            backfill = str(self.backfill)
        else:
            backfill = self.backfill

        simulated = self.simulated

        attempt = self.attempt

        failures = self.failures

        losses = self.losses

        worker = self.worker

        request_id = self.request_id

        error = self.error

        created_at = self.created_at.isoformat()

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

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "task_id": task_id,
                "task_version": task_version,
                "agent_id": agent_id,
                "trigger": trigger,
                "scheduled_for": scheduled_for,
                "status": status,
                "waiting_for": waiting_for,
                "priority": priority,
                "run_at": run_at,
                "lane": lane,
                "concurrency_key": concurrency_key,
                "backfill": backfill,
                "simulated": simulated,
                "attempt": attempt,
                "failures": failures,
                "losses": losses,
                "worker": worker,
                "request_id": request_id,
                "error": error,
                "created_at": created_at,
                "started_at": started_at,
                "finished_at": finished_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        task_id = UUID(d.pop("task_id"))

        task_version = d.pop("task_version")

        agent_id = UUID(d.pop("agent_id"))

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

        status = check_run_status(d.pop("status"))

        def _parse_waiting_for(data: object) -> Blank | WaitingFor:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                waiting_for_type_0 = check_waiting_for(data)

                return waiting_for_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, str):
                raise TypeError()
            waiting_for_type_1 = check_blank(data)

            return waiting_for_type_1

        waiting_for = _parse_waiting_for(d.pop("waiting_for"))

        priority = d.pop("priority")

        run_at = datetime.datetime.fromisoformat(d.pop("run_at"))

        lane = d.pop("lane")

        concurrency_key = d.pop("concurrency_key")

        def _parse_backfill(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                backfill_type_0 = UUID(data)

                return backfill_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        backfill = _parse_backfill(d.pop("backfill"))

        simulated = d.pop("simulated")

        attempt = d.pop("attempt")

        failures = d.pop("failures")

        losses = d.pop("losses")

        worker = d.pop("worker")

        request_id = d.pop("request_id")

        error = d.pop("error")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

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

        run = cls(
            id=id,
            task_id=task_id,
            task_version=task_version,
            agent_id=agent_id,
            trigger=trigger,
            scheduled_for=scheduled_for,
            status=status,
            waiting_for=waiting_for,
            priority=priority,
            run_at=run_at,
            lane=lane,
            concurrency_key=concurrency_key,
            backfill=backfill,
            simulated=simulated,
            attempt=attempt,
            failures=failures,
            losses=losses,
            worker=worker,
            request_id=request_id,
            error=error,
            created_at=created_at,
            started_at=started_at,
            finished_at=finished_at,
        )

        run.additional_properties = d
        return run

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
