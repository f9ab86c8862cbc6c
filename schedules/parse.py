"""Which schedule a task's fields make."""

import functools
from collections.abc import Callable
from datetime import datetime

from schedules.cron import DEBIAN, Cron
from schedules.dst import DstPolicy
from schedules.errors import InvalidSchedule
from schedules.interval import Interval
from schedules.once import Never, Once
from schedules.recurrence import Recurrence
from schedules.recurrence.text import FIRST_YEAR, LAST_YEAR
from schedules.series import Schedule
from schedules.topics import InvalidTopic, check_pattern
from schedules.zones import zone

_REMEMBERED = 10_000


def parse_schedule(
    kind: str,
    expr: str,
    *,
    timezone: str,
    dtstart: datetime | str | None = None,
    dst_policy: DstPolicy | str | None = None,
) -> Schedule:
    """The schedule of a kind: `rrule`, `cron`, `interval`, `once`, or one that has no times: `event`, `condition`, `manual`.

    Whether a condition is an expression is for `pipelines` to say, whose language it is written in.
    dtstart: naive, local to `timezone`, or the same in ISO 8601; an RRULE and an interval need it. dst_policy: a policy, its words
    ("skip, both"), or nothing for the kind's own default. Raises `InvalidSchedule`, whose `part` names the field. Equal
    arguments give the same, immutable schedule.
    """
    return _remembered(kind, expr, timezone, dtstart, dst_policy or None)


@functools.lru_cache(maxsize=_REMEMBERED)
def _remembered(
    kind: str, expr: str, timezone: str, dtstart: datetime | str | None, dst_policy: DstPolicy | str | None
) -> Schedule:
    maker = _MAKERS.get(kind)
    if maker is None:
        raise InvalidSchedule(
            "schedule_kind", f"{kind[:40]!r} is not a kind of schedule: use one of {', '.join(_MAKERS)}"
        )
    zone(timezone)
    usual = DEBIAN if kind == "cron" else DstPolicy()
    policy = DstPolicy.parse(dst_policy, default=usual) if isinstance(dst_policy, str) else dst_policy
    return maker(expr, timezone, dtstart, policy)


def _recurrence(expr: str, timezone: str, dtstart: datetime | str | None, policy: DstPolicy | None) -> Schedule:
    start = _local(dtstart) if dtstart else None
    return Recurrence(expr, dtstart=start, timezone=timezone, dst_policy=policy or DstPolicy())


def _cron(expr: str, timezone: str, _dtstart: datetime | str | None, policy: DstPolicy | None) -> Schedule:
    return Cron(expr, timezone=timezone, dst_policy=policy or DEBIAN)


def _interval(expr: str, timezone: str, dtstart: datetime | str | None, _policy: DstPolicy | None) -> Schedule:
    if not dtstart:
        raise InvalidSchedule("dtstart", "an interval needs a start: give dtstart")
    return Interval(expr, anchor=_local(dtstart).replace(tzinfo=zone(timezone)))


def _once(expr: str, timezone: str, _dtstart: datetime | str | None, _policy: DstPolicy | None) -> Schedule:
    return Once(expr, timezone=timezone)


def _manual(expr: str, _timezone: str, _dtstart: datetime | str | None, _policy: DstPolicy | None) -> Schedule:
    if expr:
        raise InvalidSchedule("schedule_expr", "a manual task has no schedule: leave schedule_expr empty")
    return Never()


def _event(expr: str, _timezone: str, _dtstart: datetime | str | None, _policy: DstPolicy | None) -> Schedule:
    try:
        check_pattern(expr)
    except InvalidTopic as error:
        raise InvalidSchedule("schedule_expr", str(error)) from error
    return Never()


def _condition(expr: str, _timezone: str, _dtstart: datetime | str | None, _policy: DstPolicy | None) -> Schedule:
    if not expr.strip():
        raise InvalidSchedule("schedule_expr", "a condition is an expression: write probe.temperature > 25")
    return Never()


_MAKERS: dict[str, Callable[[str, str, datetime | str | None, DstPolicy | None], Schedule]] = {
    "rrule": _recurrence,
    "cron": _cron,
    "interval": _interval,
    "once": _once,
    "event": _event,
    "condition": _condition,
    "manual": _manual,
}


def _local(dtstart: datetime | str) -> datetime:
    try:
        local = datetime.fromisoformat(dtstart) if isinstance(dtstart, str) else dtstart
    except ValueError as error:
        raise InvalidSchedule(
            "dtstart", f"{dtstart!r:.60} is not a date and time: write 2026-03-01T00:00:00"
        ) from error
    if local.tzinfo is not None:
        raise InvalidSchedule("dtstart", "dtstart is local to the time zone: give it without an offset")
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        raise InvalidSchedule("dtstart", f"dtstart must lie in the years {FIRST_YEAR} to {LAST_YEAR}")
    return local
