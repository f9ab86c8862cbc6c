from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.backoff_strategy import BackoffStrategy, check_backoff_strategy
from ..models.calendar_policy import CalendarPolicy, check_calendar_policy
from ..models.document_task_status import DocumentTaskStatus, check_document_task_status
from ..models.misfire_policy import MisfirePolicy, check_misfire_policy
from ..models.overlap_policy import OverlapPolicy, check_overlap_policy
from ..models.schedule_kind import ScheduleKind, check_schedule_kind
from ..models.task_mode import TaskMode, check_task_mode

if TYPE_CHECKING:
    from ..models.document_task_payload import DocumentTaskPayload
    from ..models.document_task_probe_type_0 import DocumentTaskProbeType0
    from ..models.document_task_quiet_hours_item import DocumentTaskQuietHoursItem


T = TypeVar("T", bound="DocumentTask")


@_attrs_define
class DocumentTask:
    """A task as somebody wrote it. What is left out is its default.

    Attributes:
        id (UUID): Of the task that is meant, where its title does not say so.
        status (DocumentTaskStatus):
        title (str):
        description (str):
        schedule_kind (ScheduleKind):
        schedule_expr (str):
        timezone (str): IANA name.
        dtstart (str): Anchor of the schedule, local to its zone: ISO 8601.
        starts_at (datetime.datetime | None): No instant before it counts.
        ends_at (datetime.datetime | None): No instant after it counts.
        max_occurrences (int | None): Runs that the schedule gives, at most.
        dst_policy (str): Words such as "skip, both".
        calendar (None | str): The id of a calendar; its name is taken, too.
        calendar_policy (CalendarPolicy):
        misfire_policy (MisfirePolicy):
        catch_up_window_seconds (int):
        catch_up_limit (int): With the misfire policy all.
        overlap_policy (OverlapPolicy):
        jitter_seconds (int):
        quiet_hours (list[DocumentTaskQuietHoursItem]): Local windows; what is due in one waits for its end.
        concurrency_key (str):
        concurrency_limit (int):
        dedupe_key (str):
        dedupe_window_seconds (int):
        probe (DocumentTaskProbeType0 | None): Of a condition: the tool call whose output it looks at.
        poll_seconds (int): Between two looks.
        cooldown_seconds (int): From one run of a condition to the next.
        payload (DocumentTaskPayload):  Example: {'pipeline': [{'id': 'hello', 'uses': 'debug.echo', 'with': {'message':
            'Hello'}}]}.
        mode (TaskMode):
        priority (int):
        max_retries (int):
        backoff_strategy (BackoffStrategy):
        retry_delay_seconds (int):
        timeout_seconds (int):
        queue_timeout_seconds (int | None): A run that no worker begins with in so many seconds is given up; empty:
            never.
        calls_per_day (int | None): Calls with effects that its runs may make on one day (UTC).
        tokens_per_day (int | None): Tokens that its calls may use up on one day.
        microdollars_per_day (int | None): Millionths of a dollar that its calls may cost on one day.
    """

    id: UUID
    status: DocumentTaskStatus
    title: str
    description: str
    schedule_kind: ScheduleKind
    schedule_expr: str
    timezone: str
    dtstart: str
    starts_at: datetime.datetime | None
    ends_at: datetime.datetime | None
    max_occurrences: int | None
    dst_policy: str
    calendar: None | str
    calendar_policy: CalendarPolicy
    misfire_policy: MisfirePolicy
    catch_up_window_seconds: int
    catch_up_limit: int
    overlap_policy: OverlapPolicy
    jitter_seconds: int
    quiet_hours: list[DocumentTaskQuietHoursItem]
    concurrency_key: str
    concurrency_limit: int
    dedupe_key: str
    dedupe_window_seconds: int
    probe: DocumentTaskProbeType0 | None
    poll_seconds: int
    cooldown_seconds: int
    payload: DocumentTaskPayload
    mode: TaskMode
    priority: int
    max_retries: int
    backoff_strategy: BackoffStrategy
    retry_delay_seconds: int
    timeout_seconds: int
    queue_timeout_seconds: int | None
    calls_per_day: int | None
    tokens_per_day: int | None
    microdollars_per_day: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.document_task_probe_type_0 import DocumentTaskProbeType0  # noqa: PLC0415

        id = str(self.id)

        status: str = self.status

        title = self.title

        description = self.description

        schedule_kind: str = self.schedule_kind

        schedule_expr = self.schedule_expr

        timezone = self.timezone

        dtstart = self.dtstart

        starts_at: None | str
        if isinstance(self.starts_at, datetime.datetime):
            starts_at = self.starts_at.isoformat()
        else:
            starts_at = self.starts_at

        ends_at: None | str
        if isinstance(self.ends_at, datetime.datetime):
            ends_at = self.ends_at.isoformat()
        else:
            ends_at = self.ends_at

        max_occurrences: int | None
        max_occurrences = self.max_occurrences

        dst_policy = self.dst_policy

        calendar: None | str
        calendar = self.calendar

        calendar_policy: str = self.calendar_policy

        misfire_policy: str = self.misfire_policy

        catch_up_window_seconds = self.catch_up_window_seconds

        catch_up_limit = self.catch_up_limit

        overlap_policy: str = self.overlap_policy

        jitter_seconds = self.jitter_seconds

        quiet_hours = []
        for quiet_hours_item_data in self.quiet_hours:
            quiet_hours_item = quiet_hours_item_data.to_dict()
            quiet_hours.append(quiet_hours_item)

        concurrency_key = self.concurrency_key

        concurrency_limit = self.concurrency_limit

        dedupe_key = self.dedupe_key

        dedupe_window_seconds = self.dedupe_window_seconds

        probe: dict[str, Any] | None
        if isinstance(self.probe, DocumentTaskProbeType0):
            probe = self.probe.to_dict()
        else:
            probe = self.probe

        poll_seconds = self.poll_seconds

        cooldown_seconds = self.cooldown_seconds

        payload = self.payload.to_dict()

        mode: str = self.mode

        priority = self.priority

        max_retries = self.max_retries

        backoff_strategy: str = self.backoff_strategy

        retry_delay_seconds = self.retry_delay_seconds

        timeout_seconds = self.timeout_seconds

        queue_timeout_seconds: int | None
        queue_timeout_seconds = self.queue_timeout_seconds

        calls_per_day: int | None
        calls_per_day = self.calls_per_day

        tokens_per_day: int | None
        tokens_per_day = self.tokens_per_day

        microdollars_per_day: int | None
        microdollars_per_day = self.microdollars_per_day

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "status": status,
                "title": title,
                "description": description,
                "schedule_kind": schedule_kind,
                "schedule_expr": schedule_expr,
                "timezone": timezone,
                "dtstart": dtstart,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "max_occurrences": max_occurrences,
                "dst_policy": dst_policy,
                "calendar": calendar,
                "calendar_policy": calendar_policy,
                "misfire_policy": misfire_policy,
                "catch_up_window_seconds": catch_up_window_seconds,
                "catch_up_limit": catch_up_limit,
                "overlap_policy": overlap_policy,
                "jitter_seconds": jitter_seconds,
                "quiet_hours": quiet_hours,
                "concurrency_key": concurrency_key,
                "concurrency_limit": concurrency_limit,
                "dedupe_key": dedupe_key,
                "dedupe_window_seconds": dedupe_window_seconds,
                "probe": probe,
                "poll_seconds": poll_seconds,
                "cooldown_seconds": cooldown_seconds,
                "payload": payload,
                "mode": mode,
                "priority": priority,
                "max_retries": max_retries,
                "backoff_strategy": backoff_strategy,
                "retry_delay_seconds": retry_delay_seconds,
                "timeout_seconds": timeout_seconds,
                "queue_timeout_seconds": queue_timeout_seconds,
                "calls_per_day": calls_per_day,
                "tokens_per_day": tokens_per_day,
                "microdollars_per_day": microdollars_per_day,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.document_task_payload import DocumentTaskPayload  # noqa: PLC0415
        from ..models.document_task_probe_type_0 import DocumentTaskProbeType0  # noqa: PLC0415
        from ..models.document_task_quiet_hours_item import DocumentTaskQuietHoursItem  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        status = check_document_task_status(d.pop("status"))

        title = d.pop("title")

        description = d.pop("description")

        schedule_kind = check_schedule_kind(d.pop("schedule_kind"))

        schedule_expr = d.pop("schedule_expr")

        timezone = d.pop("timezone")

        dtstart = d.pop("dtstart")

        def _parse_starts_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                starts_at_type_0 = datetime.datetime.fromisoformat(data)

                return starts_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        starts_at = _parse_starts_at(d.pop("starts_at"))

        def _parse_ends_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ends_at_type_0 = datetime.datetime.fromisoformat(data)

                return ends_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ends_at = _parse_ends_at(d.pop("ends_at"))

        def _parse_max_occurrences(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        max_occurrences = _parse_max_occurrences(d.pop("max_occurrences"))

        dst_policy = d.pop("dst_policy")

        def _parse_calendar(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        calendar = _parse_calendar(d.pop("calendar"))

        calendar_policy = check_calendar_policy(d.pop("calendar_policy"))

        misfire_policy = check_misfire_policy(d.pop("misfire_policy"))

        catch_up_window_seconds = d.pop("catch_up_window_seconds")

        catch_up_limit = d.pop("catch_up_limit")

        overlap_policy = check_overlap_policy(d.pop("overlap_policy"))

        jitter_seconds = d.pop("jitter_seconds")

        quiet_hours = []
        _quiet_hours = d.pop("quiet_hours")
        for quiet_hours_item_data in _quiet_hours:
            quiet_hours_item = DocumentTaskQuietHoursItem.from_dict(quiet_hours_item_data)

            quiet_hours.append(quiet_hours_item)

        concurrency_key = d.pop("concurrency_key")

        concurrency_limit = d.pop("concurrency_limit")

        dedupe_key = d.pop("dedupe_key")

        dedupe_window_seconds = d.pop("dedupe_window_seconds")

        def _parse_probe(data: object) -> DocumentTaskProbeType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                probe_type_0 = DocumentTaskProbeType0.from_dict(data)

                return probe_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DocumentTaskProbeType0 | None, data)

        probe = _parse_probe(d.pop("probe"))

        poll_seconds = d.pop("poll_seconds")

        cooldown_seconds = d.pop("cooldown_seconds")

        payload = DocumentTaskPayload.from_dict(d.pop("payload"))

        mode = check_task_mode(d.pop("mode"))

        priority = d.pop("priority")

        max_retries = d.pop("max_retries")

        backoff_strategy = check_backoff_strategy(d.pop("backoff_strategy"))

        retry_delay_seconds = d.pop("retry_delay_seconds")

        timeout_seconds = d.pop("timeout_seconds")

        def _parse_queue_timeout_seconds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        queue_timeout_seconds = _parse_queue_timeout_seconds(d.pop("queue_timeout_seconds"))

        def _parse_calls_per_day(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        calls_per_day = _parse_calls_per_day(d.pop("calls_per_day"))

        def _parse_tokens_per_day(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        tokens_per_day = _parse_tokens_per_day(d.pop("tokens_per_day"))

        def _parse_microdollars_per_day(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        microdollars_per_day = _parse_microdollars_per_day(d.pop("microdollars_per_day"))

        document_task = cls(
            id=id,
            status=status,
            title=title,
            description=description,
            schedule_kind=schedule_kind,
            schedule_expr=schedule_expr,
            timezone=timezone,
            dtstart=dtstart,
            starts_at=starts_at,
            ends_at=ends_at,
            max_occurrences=max_occurrences,
            dst_policy=dst_policy,
            calendar=calendar,
            calendar_policy=calendar_policy,
            misfire_policy=misfire_policy,
            catch_up_window_seconds=catch_up_window_seconds,
            catch_up_limit=catch_up_limit,
            overlap_policy=overlap_policy,
            jitter_seconds=jitter_seconds,
            quiet_hours=quiet_hours,
            concurrency_key=concurrency_key,
            concurrency_limit=concurrency_limit,
            dedupe_key=dedupe_key,
            dedupe_window_seconds=dedupe_window_seconds,
            probe=probe,
            poll_seconds=poll_seconds,
            cooldown_seconds=cooldown_seconds,
            payload=payload,
            mode=mode,
            priority=priority,
            max_retries=max_retries,
            backoff_strategy=backoff_strategy,
            retry_delay_seconds=retry_delay_seconds,
            timeout_seconds=timeout_seconds,
            queue_timeout_seconds=queue_timeout_seconds,
            calls_per_day=calls_per_day,
            tokens_per_day=tokens_per_day,
            microdollars_per_day=microdollars_per_day,
        )

        document_task.additional_properties = d
        return document_task

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
