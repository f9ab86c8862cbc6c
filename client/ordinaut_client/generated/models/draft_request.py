from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.calendar_policy import CalendarPolicy, check_calendar_policy
from ..models.misfire_policy import MisfirePolicy, check_misfire_policy
from ..models.schedule_kind import ScheduleKind, check_schedule_kind
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.draft_request_quiet_hours_item import DraftRequestQuietHoursItem


T = TypeVar("T", bound="DraftRequest")


@_attrs_define
class DraftRequest:
    """The fields of a task that say when, and which of its instants are wanted.

    Attributes:
        schedule_kind (ScheduleKind):
        calendar (None | str | Unset): The id of a calendar; its name is taken, too.
        calendar_policy (CalendarPolicy | Unset):
        catch_up_window_seconds (int | Unset):
        dst_policy (str | Unset): Words such as "skip, both".
        dtstart (str | Unset): Anchor of the schedule, local to its zone: ISO 8601.
        ends_at (datetime.datetime | None | Unset): No instant after it counts.
        jitter_seconds (int | Unset):
        max_occurrences (int | None | Unset): Runs that the schedule gives, at most.
        misfire_policy (MisfirePolicy | Unset):
        poll_seconds (int | Unset): Between two looks.
        probe (Any | Unset): The step whose output a condition looks at.
        quiet_hours (list[DraftRequestQuietHoursItem] | Unset): Local windows; what is due in one waits for its end.
        schedule_expr (str | Unset):
        starts_at (datetime.datetime | None | Unset): No instant before it counts.
        timezone (str | Unset): IANA name.
        count (int | Unset): Of those that make a run.
        after (datetime.datetime | Unset): Only later ones; left out, from now on.
    """

    schedule_kind: ScheduleKind
    calendar: None | str | Unset = UNSET
    calendar_policy: CalendarPolicy | Unset = UNSET
    catch_up_window_seconds: int | Unset = UNSET
    dst_policy: str | Unset = UNSET
    dtstart: str | Unset = UNSET
    ends_at: datetime.datetime | None | Unset = UNSET
    jitter_seconds: int | Unset = UNSET
    max_occurrences: int | None | Unset = UNSET
    misfire_policy: MisfirePolicy | Unset = UNSET
    poll_seconds: int | Unset = UNSET
    probe: Any | Unset = UNSET
    quiet_hours: list[DraftRequestQuietHoursItem] | Unset = UNSET
    schedule_expr: str | Unset = UNSET
    starts_at: datetime.datetime | None | Unset = UNSET
    timezone: str | Unset = UNSET
    count: int | Unset = UNSET
    after: datetime.datetime | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        schedule_kind: str = self.schedule_kind

        calendar: None | str | Unset
        if isinstance(self.calendar, Unset):
            calendar = UNSET
        else:
            calendar = self.calendar

        calendar_policy: str | Unset = UNSET
        if not isinstance(self.calendar_policy, Unset):
            calendar_policy = self.calendar_policy

        catch_up_window_seconds = self.catch_up_window_seconds

        dst_policy = self.dst_policy

        dtstart = self.dtstart

        ends_at: None | str | Unset
        if isinstance(self.ends_at, Unset):
            ends_at = UNSET
        elif isinstance(self.ends_at, datetime.datetime):
            ends_at = self.ends_at.isoformat()
        else:
            ends_at = self.ends_at

        jitter_seconds = self.jitter_seconds

        max_occurrences: int | None | Unset
        if isinstance(self.max_occurrences, Unset):
            max_occurrences = UNSET
        else:
            max_occurrences = self.max_occurrences

        misfire_policy: str | Unset = UNSET
        if not isinstance(self.misfire_policy, Unset):
            misfire_policy = self.misfire_policy

        poll_seconds = self.poll_seconds

        probe = self.probe

        quiet_hours: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.quiet_hours, Unset):
            quiet_hours = []
            for quiet_hours_item_data in self.quiet_hours:
                quiet_hours_item = quiet_hours_item_data.to_dict()
                quiet_hours.append(quiet_hours_item)

        schedule_expr = self.schedule_expr

        starts_at: None | str | Unset
        if isinstance(self.starts_at, Unset):
            starts_at = UNSET
        elif isinstance(self.starts_at, datetime.datetime):
            starts_at = self.starts_at.isoformat()
        else:
            starts_at = self.starts_at

        timezone = self.timezone

        count = self.count

        after: str | Unset = UNSET
        if not isinstance(self.after, Unset):
            after = self.after.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "schedule_kind": schedule_kind,
            }
        )
        if calendar is not UNSET:
            field_dict["calendar"] = calendar
        if calendar_policy is not UNSET:
            field_dict["calendar_policy"] = calendar_policy
        if catch_up_window_seconds is not UNSET:
            field_dict["catch_up_window_seconds"] = catch_up_window_seconds
        if dst_policy is not UNSET:
            field_dict["dst_policy"] = dst_policy
        if dtstart is not UNSET:
            field_dict["dtstart"] = dtstart
        if ends_at is not UNSET:
            field_dict["ends_at"] = ends_at
        if jitter_seconds is not UNSET:
            field_dict["jitter_seconds"] = jitter_seconds
        if max_occurrences is not UNSET:
            field_dict["max_occurrences"] = max_occurrences
        if misfire_policy is not UNSET:
            field_dict["misfire_policy"] = misfire_policy
        if poll_seconds is not UNSET:
            field_dict["poll_seconds"] = poll_seconds
        if probe is not UNSET:
            field_dict["probe"] = probe
        if quiet_hours is not UNSET:
            field_dict["quiet_hours"] = quiet_hours
        if schedule_expr is not UNSET:
            field_dict["schedule_expr"] = schedule_expr
        if starts_at is not UNSET:
            field_dict["starts_at"] = starts_at
        if timezone is not UNSET:
            field_dict["timezone"] = timezone
        if count is not UNSET:
            field_dict["count"] = count
        if after is not UNSET:
            field_dict["after"] = after

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.draft_request_quiet_hours_item import DraftRequestQuietHoursItem  # noqa: PLC0415

        d = dict(src_dict)
        schedule_kind = check_schedule_kind(d.pop("schedule_kind"))

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

        catch_up_window_seconds = d.pop("catch_up_window_seconds", UNSET)

        dst_policy = d.pop("dst_policy", UNSET)

        dtstart = d.pop("dtstart", UNSET)

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

        jitter_seconds = d.pop("jitter_seconds", UNSET)

        def _parse_max_occurrences(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_occurrences = _parse_max_occurrences(d.pop("max_occurrences", UNSET))

        _misfire_policy = d.pop("misfire_policy", UNSET)
        misfire_policy: MisfirePolicy | Unset
        if isinstance(_misfire_policy, Unset):
            misfire_policy = UNSET
        else:
            misfire_policy = check_misfire_policy(_misfire_policy)

        poll_seconds = d.pop("poll_seconds", UNSET)

        probe = d.pop("probe", UNSET)

        _quiet_hours = d.pop("quiet_hours", UNSET)
        quiet_hours: list[DraftRequestQuietHoursItem] | Unset = UNSET
        if _quiet_hours is not UNSET:
            quiet_hours = []
            for quiet_hours_item_data in _quiet_hours:
                quiet_hours_item = DraftRequestQuietHoursItem.from_dict(quiet_hours_item_data)

                quiet_hours.append(quiet_hours_item)

        schedule_expr = d.pop("schedule_expr", UNSET)

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

        timezone = d.pop("timezone", UNSET)

        count = d.pop("count", UNSET)

        _after = d.pop("after", UNSET)
        after: datetime.datetime | Unset
        if isinstance(_after, Unset):
            after = UNSET
        else:
            after = datetime.datetime.fromisoformat(_after)

        draft_request = cls(
            schedule_kind=schedule_kind,
            calendar=calendar,
            calendar_policy=calendar_policy,
            catch_up_window_seconds=catch_up_window_seconds,
            dst_policy=dst_policy,
            dtstart=dtstart,
            ends_at=ends_at,
            jitter_seconds=jitter_seconds,
            max_occurrences=max_occurrences,
            misfire_policy=misfire_policy,
            poll_seconds=poll_seconds,
            probe=probe,
            quiet_hours=quiet_hours,
            schedule_expr=schedule_expr,
            starts_at=starts_at,
            timezone=timezone,
            count=count,
            after=after,
        )

        return draft_request
