"""When a cron expression is due. cronsim evaluates the fields; POSIX names and Debian's rules for DST hold.

A job at fixed times (neither minute nor hour begins with `*`) that falls into a gap runs right after it, and in a fold
once. A job with wildcards follows real time.
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import takewhile
from typing import Self, cast

from cronsim import CronSim, CronSimError
from cronsim.cronsim import Field

from schedules.dst import DstPolicy, earliest_local, resolve_ascending
from schedules.errors import InvalidSchedule
from schedules.recurrence.days import DayParts
from schedules.recurrence.patterns import FixedPattern
from schedules.recurrence.rule import Frequency, Rule
from schedules.recurrence.times import TimesOfDay
from schedules.series import Series
from schedules.zones import zone

DEBIAN = DstPolicy(gap="next_valid", fold="first")
_REAL_TIME = DstPolicy(gap="skip", fold="both")  # what the clock reads, whenever it reads it

_LONGEST = 500
_FIELDS = (
    "minute (0-59)",
    "hour (0-23)",
    "day of month (1-31)",
    "month (1-12 or JAN-DEC)",
    "day of week (0-7 or SUN-SAT)",
)
_NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_REFUSED = {
    "?": "'?' is Quartz's, not POSIX cron's: write '*'",
    "#": "'#' is not POSIX cron's: use an RRULE such as FREQ=MONTHLY;BYDAY=2MO",
    "W": "'W' is not POSIX cron's: use an RRULE with BYDAY and BYSETPOS for the nearest working day",
    "L": "'L' is not POSIX cron's: use an RRULE such as FREQ=MONTHLY;BYMONTHDAY=-1",
}
_NAME = "(?:SUN|MON|TUE|WED|THU|FRI|SAT|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)"
# Not the letters of a name, nor those of a word such as WEDNESDAY, which is refused for what it is.
_EXTENSION = re.compile(rf"[?#]|(?<![A-Z])(?:{_NAME})?([LW])[LW]?(?![A-Z])")
_ANY_DAY = datetime(2000, 1, 1)  # noqa: DTZ001  only the fields of the prototype are used
_TICK = timedelta(seconds=1)
_END = datetime(9990, 1, 1, tzinfo=UTC)


class Cron(Series):
    """Five POSIX fields (minute, hour, day of month, month, day of week; 0 and 7 are Sunday) or a nickname such as @daily.

    When both day fields are restricted, either may match. `dst_policy` replaces Debian's rules for jobs at fixed times.
    Immutable. Raises `InvalidSchedule` with the cure.
    """

    def __init__(self, expr: str, *, timezone: str, dst_policy: DstPolicy = DEBIAN) -> None:
        self.zone = zone(timezone)
        self.expr = _five_fields(expr)
        self.dst_policy: DstPolicy = dst_policy
        self._prototype = _parsed(self.expr)
        minute, hour, *_ = self.expr.split()
        self._fixed = not minute.startswith("*") and not hour.startswith("*")

    def pattern(self) -> FixedPattern:
        """What it repeats."""
        sim = self._prototype
        months = Rule(Frequency.DAILY, months=tuple(sim.months))
        weekdays = cast("set[int]", sim.weekdays)  # "5L" and "5#2" are refused
        by_date = DayParts.of(replace(months, month_days=tuple(sim.days))).cycle
        by_weekday = DayParts.of(replace(months, weekdays=tuple((day + 6) % 7 for day in weekdays))).cycle
        days = by_date & by_weekday if sim.day_and else by_date | by_weekday
        times = TimesOfDay(tuple(sorted(sim.hours)), tuple(sorted(sim.minutes)), (0,))
        return FixedPattern(days, times.bits, self.dst_policy if self._fixed else None)

    def with_policy(self, policy: DstPolicy) -> Self:
        other = copy.copy(self)
        other.dst_policy = policy
        other.__dict__.pop("_key", None)  # made for this policy
        return other

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, Cron) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Cron({self.expr!r}, timezone={self.zone.key!r})"

    @cached_property
    def _key(self) -> tuple[str, str, DstPolicy]:
        return self.expr, self.zone.key, self.dst_policy

    def _instants_after(self, moment: datetime) -> Iterator[datetime]:
        if moment >= _END:
            return
        start = earliest_local(moment, zone=self.zone) - _TICK
        policy = self.dst_policy if self._fixed else _REAL_TIME
        for instant in resolve_ascending(self._ticks(start), zone=self.zone, policy=policy):
            if instant > moment:
                yield instant.astimezone(self.zone)

    def _ticks(self, start: datetime) -> Iterator[datetime]:
        """cronsim's answers after `start`, both naive. Parsing is done once, the fields are shared."""
        sim = copy.copy(self._prototype)
        sim.dt = start.replace(microsecond=0)
        try:
            yield from takewhile(lambda local: local.year < _END.year, sim)
        except OverflowError:  # a rare day was sought beyond the calendar's end
            return


def _five_fields(expr: str) -> str:
    text = expr.strip()
    if len(text) > _LONGEST:
        raise InvalidSchedule("schedule_expr", f"a cron expression must have at most {_LONGEST} characters")
    if text.startswith("@"):
        return _nickname(text)
    fields = text.upper().split()
    if len(fields) == 6:
        raise InvalidSchedule(
            "schedule_expr",
            "six fields are not POSIX cron: leave out the seconds (or the year), or use an interval or an RRULE",
        )
    if len(fields) != 5:
        raise InvalidSchedule(
            "schedule_expr",
            f"a cron expression has five fields, not {len(fields)}: minute hour day-of-month month day-of-week",
        )
    _refuse_extensions(fields)
    return " ".join(fields)


def _nickname(text: str) -> str:
    if text.lower() == "@reboot":
        raise InvalidSchedule("schedule_expr", "@reboot is no time: use a manual task, or an event")
    if text.lower() not in _NICKNAMES:
        raise InvalidSchedule("schedule_expr", f"{text[:40]!r} is not known: use one of {', '.join(_NICKNAMES)}")
    return _NICKNAMES[text.lower()]


def _refuse_extensions(fields: list[str]) -> None:
    for field in fields:
        if found := _EXTENSION.search(field):
            raise InvalidSchedule("schedule_expr", f"{field[:40]!r}: {_REFUSED[found[1] or found[0]]}")


def _parsed(expr: str) -> CronSim:
    fields = expr.split()
    for index, field in enumerate(fields):
        alone = ["*"] * 5
        alone[index] = field
        try:
            CronSim(" ".join(alone), _ANY_DAY)
        except (CronSimError, ValueError) as error:
            raise InvalidSchedule(
                "schedule_expr",
                f"{field[:40]!r} is not a {_FIELDS[index]} of cron: use *, numbers, ranges upwards (1-5), steps (*/15), lists (1,2)",
            ) from error
    plain = [_without_idle_steps(text, field) for text, field in zip(fields, list(Field)[1:], strict=True)]
    try:
        return CronSim(" ".join(plain), _ANY_DAY)
    except CronSimError as error:
        raise InvalidSchedule("schedule_expr", f"{expr!r} never occurs: no such month has that day") from error


def _without_idle_steps(text: str, field: Field) -> str:
    """`5-5/2` is 5 alone, which cronsim takes for `5/2`: from 5 on, every other."""
    terms = []
    for term in text.split(","):
        span, _, step = term.partition("/")
        idle = step and "-" in span and len(field.parse(span)) == 1
        terms.append(span if idle else term)
    return ",".join(terms)
