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
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.document_task_payload import DocumentTaskPayload
    from ..models.document_task_probe_type_0 import DocumentTaskProbeType0
    from ..models.document_task_quiet_hours_item import DocumentTaskQuietHoursItem


T = TypeVar("T", bound="DocumentTask")


@_attrs_define
class DocumentTask:
    """A task as somebody wrote it. What is left out is its default.

    Attributes:
        title (str):
        schedule_kind (ScheduleKind):
        payload (DocumentTaskPayload):  Example: {'pipeline': [{'id': 'hello', 'uses': 'debug.echo', 'with': {'message':
            'Hello'}}]}.
        id (UUID | Unset): Of the task that is meant, where its title does not say so.
        status (DocumentTaskStatus | Unset):
        description (str | Unset):
        schedule_expr (str | Unset):
        timezone (str | Unset): IANA name.
        dtstart (str | Unset): Anchor of the schedule, local to its zone: ISO 8601.
        starts_at (datetime.datetime | None | Unset): No instant before it counts.
        ends_at (datetime.datetime | None | Unset): No instant after it counts.
        max_occurrences (int | None | Unset): Runs that the schedule gives, at most.
        dst_policy (str | Unset): Words such as "skip, both".
        calendar (None | str | Unset): The id of a calendar; its name is taken, too.
        calendar_policy (CalendarPolicy | Unset):
        misfire_policy (MisfirePolicy | Unset):
        catch_up_window_seconds (int | Unset):
        catch_up_limit (int | Unset): With the misfire policy all.
        overlap_policy (OverlapPolicy | Unset):
        jitter_seconds (int | Unset):
        quiet_hours (list[DocumentTaskQuietHoursItem] | Unset): Local windows; what is due in one waits for its end.
        concurrency_key (str | Unset):
        concurrency_limit (int | Unset):
        dedupe_key (str | Unset):
        dedupe_window_seconds (int | Unset):
        probe (DocumentTaskProbeType0 | None | Unset): Of a condition: the tool call whose output it looks at.
        poll_seconds (int | Unset): Between two looks.
        cooldown_seconds (int | Unset): From one run of a condition to the next.
        mode (TaskMode | Unset):
        priority (int | Unset):
        max_retries (int | Unset):
        backoff_strategy (BackoffStrategy | Unset):
        retry_delay_seconds (int | Unset):
        timeout_seconds (int | Unset):
        queue_timeout_seconds (int | None | Unset): A run that no worker begins with in so many seconds is given up;
            empty: never.
        calls_per_day (int | None | Unset): Calls with effects that its runs may make on one day (UTC).
        tokens_per_day (int | None | Unset): Tokens that its calls may use up on one day.
        microdollars_per_day (int | None | Unset): Millionths of a dollar that its calls may cost on one day.
    """

    title: str
    schedule_kind: ScheduleKind
    payload: DocumentTaskPayload
    id: UUID | Unset = UNSET
    status: DocumentTaskStatus | Unset = UNSET
    description: str | Unset = UNSET
    schedule_expr: str | Unset = UNSET
    timezone: str | Unset = UNSET
    dtstart: str | Unset = UNSET
    starts_at: datetime.datetime | None | Unset = UNSET
    ends_at: datetime.datetime | None | Unset = UNSET
    max_occurrences: int | None | Unset = UNSET
    dst_policy: str | Unset = UNSET
    calendar: None | str | Unset = UNSET
    calendar_policy: CalendarPolicy | Unset = UNSET
    misfire_policy: MisfirePolicy | Unset = UNSET
    catch_up_window_seconds: int | Unset = UNSET
    catch_up_limit: int | Unset = UNSET
    overlap_policy: OverlapPolicy | Unset = UNSET
    jitter_seconds: int | Unset = UNSET
    quiet_hours: list[DocumentTaskQuietHoursItem] | Unset = UNSET
    concurrency_key: str | Unset = UNSET
    concurrency_limit: int | Unset = UNSET
    dedupe_key: str | Unset = UNSET
    dedupe_window_seconds: int | Unset = UNSET
    probe: DocumentTaskProbeType0 | None | Unset = UNSET
    poll_seconds: int | Unset = UNSET
    cooldown_seconds: int | Unset = UNSET
    mode: TaskMode | Unset = UNSET
    priority: int | Unset = UNSET
    max_retries: int | Unset = UNSET
    backoff_strategy: BackoffStrategy | Unset = UNSET
    retry_delay_seconds: int | Unset = UNSET
    timeout_seconds: int | Unset = UNSET
    queue_timeout_seconds: int | None | Unset = UNSET
    calls_per_day: int | None | Unset = UNSET
    tokens_per_day: int | None | Unset = UNSET
    microdollars_per_day: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.document_task_probe_type_0 import DocumentTaskProbeType0  # noqa: PLC0415

        title = self.title

        schedule_kind: str = self.schedule_kind

        payload = self.payload.to_dict()

        id: str | Unset = UNSET
        if not isinstance(self.id, Unset):
            id = str(self.id)

        status: str | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = self.status

        description = self.description

        schedule_expr = self.schedule_expr

        timezone = self.timezone

        dtstart = self.dtstart

        starts_at: None | str | Unset
        if isinstance(self.starts_at, Unset):
            starts_at = UNSET
        elif isinstance(self.starts_at, datetime.datetime):
            starts_at = self.starts_at.isoformat()
        else:
            starts_at = self.starts_at

        ends_at: None | str | Unset
        if isinstance(self.ends_at, Unset):
            ends_at = UNSET
        elif isinstance(self.ends_at, datetime.datetime):
            ends_at = self.ends_at.isoformat()
        else:
            ends_at = self.ends_at

        max_occurrences: int | None | Unset
        if isinstance(self.max_occurrences, Unset):
            max_occurrences = UNSET
        else:
            max_occurrences = self.max_occurrences

        dst_policy = self.dst_policy

        calendar: None | str | Unset
        if isinstance(self.calendar, Unset):
            calendar = UNSET
        else:
            calendar = self.calendar

        calendar_policy: str | Unset = UNSET
        if not isinstance(self.calendar_policy, Unset):
            calendar_policy = self.calendar_policy

        misfire_policy: str | Unset = UNSET
        if not isinstance(self.misfire_policy, Unset):
            misfire_policy = self.misfire_policy

        catch_up_window_seconds = self.catch_up_window_seconds

        catch_up_limit = self.catch_up_limit

        overlap_policy: str | Unset = UNSET
        if not isinstance(self.overlap_policy, Unset):
            overlap_policy = self.overlap_policy

        jitter_seconds = self.jitter_seconds

        quiet_hours: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.quiet_hours, Unset):
            quiet_hours = []
            for quiet_hours_item_data in self.quiet_hours:
                quiet_hours_item = quiet_hours_item_data.to_dict()
                quiet_hours.append(quiet_hours_item)

        concurrency_key = self.concurrency_key

        concurrency_limit = self.concurrency_limit

        dedupe_key = self.dedupe_key

        dedupe_window_seconds = self.dedupe_window_seconds

        probe: dict[str, Any] | None | Unset
        if isinstance(self.probe, Unset):
            probe = UNSET
        elif isinstance(self.probe, DocumentTaskProbeType0):
            probe = self.probe.to_dict()
        else:
            probe = self.probe

        poll_seconds = self.poll_seconds

        cooldown_seconds = self.cooldown_seconds

        mode: str | Unset = UNSET
        if not isinstance(self.mode, Unset):
            mode = self.mode

        priority = self.priority

        max_retries = self.max_retries

        backoff_strategy: str | Unset = UNSET
        if not isinstance(self.backoff_strategy, Unset):
            backoff_strategy = self.backoff_strategy

        retry_delay_seconds = self.retry_delay_seconds

        timeout_seconds = self.timeout_seconds

        queue_timeout_seconds: int | None | Unset
        if isinstance(self.queue_timeout_seconds, Unset):
            queue_timeout_seconds = UNSET
        else:
            queue_timeout_seconds = self.queue_timeout_seconds

        calls_per_day: int | None | Unset
        if isinstance(self.calls_per_day, Unset):
            calls_per_day = UNSET
        else:
            calls_per_day = self.calls_per_day

        tokens_per_day: int | None | Unset
        if isinstance(self.tokens_per_day, Unset):
            tokens_per_day = UNSET
        else:
            tokens_per_day = self.tokens_per_day

        microdollars_per_day: int | None | Unset
        if isinstance(self.microdollars_per_day, Unset):
            microdollars_per_day = UNSET
        else:
            microdollars_per_day = self.microdollars_per_day

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "title": title,
                "schedule_kind": schedule_kind,
                "payload": payload,
            }
        )
        if id is not UNSET:
            field_dict["id"] = id
        if status is not UNSET:
            field_dict["status"] = status
        if description is not UNSET:
            field_dict["description"] = description
        if schedule_expr is not UNSET:
            field_dict["schedule_expr"] = schedule_expr
        if timezone is not UNSET:
            field_dict["timezone"] = timezone
        if dtstart is not UNSET:
            field_dict["dtstart"] = dtstart
        if starts_at is not UNSET:
            field_dict["starts_at"] = starts_at
        if ends_at is not UNSET:
            field_dict["ends_at"] = ends_at
        if max_occurrences is not UNSET:
            field_dict["max_occurrences"] = max_occurrences
        if dst_policy is not UNSET:
            field_dict["dst_policy"] = dst_policy
        if calendar is not UNSET:
            field_dict["calendar"] = calendar
        if calendar_policy is not UNSET:
            field_dict["calendar_policy"] = calendar_policy
        if misfire_policy is not UNSET:
            field_dict["misfire_policy"] = misfire_policy
        if catch_up_window_seconds is not UNSET:
            field_dict["catch_up_window_seconds"] = catch_up_window_seconds
        if catch_up_limit is not UNSET:
            field_dict["catch_up_limit"] = catch_up_limit
        if overlap_policy is not UNSET:
            field_dict["overlap_policy"] = overlap_policy
        if jitter_seconds is not UNSET:
            field_dict["jitter_seconds"] = jitter_seconds
        if quiet_hours is not UNSET:
            field_dict["quiet_hours"] = quiet_hours
        if concurrency_key is not UNSET:
            field_dict["concurrency_key"] = concurrency_key
        if concurrency_limit is not UNSET:
            field_dict["concurrency_limit"] = concurrency_limit
        if dedupe_key is not UNSET:
            field_dict["dedupe_key"] = dedupe_key
        if dedupe_window_seconds is not UNSET:
            field_dict["dedupe_window_seconds"] = dedupe_window_seconds
        if probe is not UNSET:
            field_dict["probe"] = probe
        if poll_seconds is not UNSET:
            field_dict["poll_seconds"] = poll_seconds
        if cooldown_seconds is not UNSET:
            field_dict["cooldown_seconds"] = cooldown_seconds
        if mode is not UNSET:
            field_dict["mode"] = mode
        if priority is not UNSET:
            field_dict["priority"] = priority
        if max_retries is not UNSET:
            field_dict["max_retries"] = max_retries
        if backoff_strategy is not UNSET:
            field_dict["backoff_strategy"] = backoff_strategy
        if retry_delay_seconds is not UNSET:
            field_dict["retry_delay_seconds"] = retry_delay_seconds
        if timeout_seconds is not UNSET:
            field_dict["timeout_seconds"] = timeout_seconds
        if queue_timeout_seconds is not UNSET:
            field_dict["queue_timeout_seconds"] = queue_timeout_seconds
        if calls_per_day is not UNSET:
            field_dict["calls_per_day"] = calls_per_day
        if tokens_per_day is not UNSET:
            field_dict["tokens_per_day"] = tokens_per_day
        if microdollars_per_day is not UNSET:
            field_dict["microdollars_per_day"] = microdollars_per_day

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.document_task_payload import DocumentTaskPayload  # noqa: PLC0415
        from ..models.document_task_probe_type_0 import DocumentTaskProbeType0  # noqa: PLC0415
        from ..models.document_task_quiet_hours_item import DocumentTaskQuietHoursItem  # noqa: PLC0415

        d = dict(src_dict)
        title = d.pop("title")

        schedule_kind = check_schedule_kind(d.pop("schedule_kind"))

        payload = DocumentTaskPayload.from_dict(d.pop("payload"))

        _id = d.pop("id", UNSET)
        id: UUID | Unset
        if isinstance(_id, Unset):
            id = UNSET
        else:
            id = UUID(_id)

        _status = d.pop("status", UNSET)
        status: DocumentTaskStatus | Unset
        if isinstance(_status, Unset):
            status = UNSET
        else:
            status = check_document_task_status(_status)

        description = d.pop("description", UNSET)

        schedule_expr = d.pop("schedule_expr", UNSET)

        timezone = d.pop("timezone", UNSET)

        dtstart = d.pop("dtstart", UNSET)

        def _parse_starts_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                starts_at_type_0 = datetime.datetime.fromisoformat(data)

                return starts_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        starts_at = _parse_starts_at(d.pop("starts_at", UNSET))

        def _parse_ends_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ends_at_type_0 = datetime.datetime.fromisoformat(data)

                return ends_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        ends_at = _parse_ends_at(d.pop("ends_at", UNSET))

        def _parse_max_occurrences(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_occurrences = _parse_max_occurrences(d.pop("max_occurrences", UNSET))

        dst_policy = d.pop("dst_policy", UNSET)

        def _parse_calendar(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        calendar = _parse_calendar(d.pop("calendar", UNSET))

        _calendar_policy = d.pop("calendar_policy", UNSET)
        calendar_policy: CalendarPolicy | Unset
        if isinstance(_calendar_policy, Unset):
            calendar_policy = UNSET
        else:
            calendar_policy = check_calendar_policy(_calendar_policy)

        _misfire_policy = d.pop("misfire_policy", UNSET)
        misfire_policy: MisfirePolicy | Unset
        if isinstance(_misfire_policy, Unset):
            misfire_policy = UNSET
        else:
            misfire_policy = check_misfire_policy(_misfire_policy)

        catch_up_window_seconds = d.pop("catch_up_window_seconds", UNSET)

        catch_up_limit = d.pop("catch_up_limit", UNSET)

        _overlap_policy = d.pop("overlap_policy", UNSET)
        overlap_policy: OverlapPolicy | Unset
        if isinstance(_overlap_policy, Unset):
            overlap_policy = UNSET
        else:
            overlap_policy = check_overlap_policy(_overlap_policy)

        jitter_seconds = d.pop("jitter_seconds", UNSET)

        _quiet_hours = d.pop("quiet_hours", UNSET)
        quiet_hours: list[DocumentTaskQuietHoursItem] | Unset = UNSET
        if _quiet_hours is not UNSET:
            quiet_hours = []
            for quiet_hours_item_data in _quiet_hours:
                quiet_hours_item = DocumentTaskQuietHoursItem.from_dict(quiet_hours_item_data)

                quiet_hours.append(quiet_hours_item)

        concurrency_key = d.pop("concurrency_key", UNSET)

        concurrency_limit = d.pop("concurrency_limit", UNSET)

        dedupe_key = d.pop("dedupe_key", UNSET)

        dedupe_window_seconds = d.pop("dedupe_window_seconds", UNSET)

        def _parse_probe(data: object) -> DocumentTaskProbeType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                probe_type_0 = DocumentTaskProbeType0.from_dict(data)

                return probe_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DocumentTaskProbeType0 | None | Unset, data)

        probe = _parse_probe(d.pop("probe", UNSET))

        poll_seconds = d.pop("poll_seconds", UNSET)

        cooldown_seconds = d.pop("cooldown_seconds", UNSET)

        _mode = d.pop("mode", UNSET)
        mode: TaskMode | Unset
        if isinstance(_mode, Unset):
            mode = UNSET
        else:
            mode = check_task_mode(_mode)

        priority = d.pop("priority", UNSET)

        max_retries = d.pop("max_retries", UNSET)

        _backoff_strategy = d.pop("backoff_strategy", UNSET)
        backoff_strategy: BackoffStrategy | Unset
        if isinstance(_backoff_strategy, Unset):
            backoff_strategy = UNSET
        else:
            backoff_strategy = check_backoff_strategy(_backoff_strategy)

        retry_delay_seconds = d.pop("retry_delay_seconds", UNSET)

        timeout_seconds = d.pop("timeout_seconds", UNSET)

        def _parse_queue_timeout_seconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        queue_timeout_seconds = _parse_queue_timeout_seconds(d.pop("queue_timeout_seconds", UNSET))

        def _parse_calls_per_day(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        calls_per_day = _parse_calls_per_day(d.pop("calls_per_day", UNSET))

        def _parse_tokens_per_day(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        tokens_per_day = _parse_tokens_per_day(d.pop("tokens_per_day", UNSET))

        def _parse_microdollars_per_day(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        microdollars_per_day = _parse_microdollars_per_day(d.pop("microdollars_per_day", UNSET))

        document_task = cls(
            title=title,
            schedule_kind=schedule_kind,
            payload=payload,
            id=id,
            status=status,
            description=description,
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
