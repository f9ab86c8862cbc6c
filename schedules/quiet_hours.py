"""When nothing may begin: windows of local time, in which what is due waits for the window's end.

Every week is like every other, so the windows are joined once, as spans of a week, and a local time is looked up in them.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from schedules.dst import DstPolicy, resolve
from schedules.errors import InvalidSchedule
from schedules.recurrence.rule import WEEKDAYS
from schedules.series import in_utc

_MOST_WINDOWS = 20
_MONDAY = datetime(2024, 1, 1)  # noqa: DTZ001  any Monday: only the place within the week is asked for
_DAY = timedelta(days=1)
_WEEK = 7 * _DAY
_EVERY_DAY = frozenset(range(7))
_CLOCK = re.compile(r"\d\d:\d\d", re.ASCII)


@dataclass(frozen=True)
class Window:
    """From `begin` until `end`, on the days (0 is Monday) on which it begins; `end` not after `begin` is on the next day."""

    begin: time
    end: time
    days: frozenset[int] = _EVERY_DAY

    def on(self, day: int) -> tuple[timedelta, timedelta]:
        """Its beginning and its end when it begins on the `day`-th day after a Monday, counted from that one's 00:00."""
        over_midnight = _DAY if self.end <= self.begin else timedelta()
        midnight = _MONDAY + day * _DAY
        begin, end = datetime.combine(midnight, self.begin), datetime.combine(midnight, self.end) + over_midnight
        return begin - _MONDAY, end - _MONDAY


@dataclass(frozen=True)
class QuietHours:
    """Windows of local time."""

    windows: tuple[Window, ...]

    @classmethod
    def parse(cls, given: Any) -> "QuietHours":
        """Read `[{"from": "22:00", "to": "07:00", "days": ["MO", "TU"]}]`; without `days` it is every day.

        Raises `InvalidSchedule` on `quiet_hours`, also for windows that leave no time at all.
        """
        if not isinstance(given, list) or len(given) > _MOST_WINDOWS:
            raise _fault(f"give a list of at most {_MOST_WINDOWS} windows")
        quiet = cls(tuple(_window(each) for each in given))
        if given and quiet._leaves_no_time():
            raise _fault("the windows leave no time to run in")
        return quiet

    def end_after(self, moment: datetime, *, zone: ZoneInfo) -> datetime | None:
        """When the windows that `moment` lies in end (UTC), adjoining ones taken together; None when it lies in none."""
        local = in_utc(moment).astimezone(zone).replace(tzinfo=None)
        end = self._end_after(local)
        if end is None:
            return None
        instants = resolve(end, zone=zone, policy=DstPolicy(gap="next_valid", fold="second"))
        return max(instants[-1], in_utc(moment))

    def _end_after(self, local: datetime) -> datetime | None:
        week = datetime.combine(local, time()) - local.weekday() * _DAY
        place = local - week
        nearest = bisect_right(self._spans, place, key=lambda span: span[0]) - 1
        end = self._spans[nearest][1] if nearest >= 0 else place
        return week + end if place < end else None

    @cached_property
    def _spans(self) -> list[tuple[timedelta, timedelta]]:
        """The windows of three weeks, joined: whichever spans hold a time of the one in the middle, from Monday 00:00, are whole."""
        each = (window.on(day) for window in self.windows for day in range(-7, 14) if day % 7 in window.days)
        joined: list[tuple[timedelta, timedelta]] = []
        for begin, end in sorted(each):
            if joined and begin <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(end, joined[-1][1])
            else:
                joined.append((begin, end))
        return joined

    def _leaves_no_time(self) -> bool:
        return any(end - begin >= _WEEK for begin, end in self._spans)


NO_QUIET_HOURS: Final = QuietHours(())


def _window(given: Any) -> Window:
    if not isinstance(given, Mapping) or not {"from", "to"} <= given.keys() <= {"from", "to", "days"}:
        raise _fault('a window looks like {"from": "22:00", "to": "07:00", "days": ["MO", "TU"]}; days may be left out')
    begin, end = _time(given["from"]), _time(given["to"])
    if begin == end:
        raise _fault("a window must end at another time than it begins")
    return Window(begin, end, _days(given["days"]) if "days" in given else _EVERY_DAY)


def _time(given: Any) -> time:
    try:
        return time.fromisoformat(given if isinstance(given, str) and _CLOCK.fullmatch(given) else "")
    except ValueError:
        raise _fault(f"{given!r:.40} is not a time of day: write 22:00") from None


def _days(given: Any) -> frozenset[int]:
    if not isinstance(given, list) or not given or not all(isinstance(day, str) for day in given):
        raise _fault(f"days is a list of {', '.join(WEEKDAYS)}")
    unknown = [day for day in given if day.upper() not in WEEKDAYS]
    if unknown:
        raise _fault(f"{unknown[0]!r:.40} is not a day: use {', '.join(WEEKDAYS)}")
    return frozenset(WEEKDAYS.index(day.upper()) for day in given)


def _fault(message: str) -> InvalidSchedule:
    return InvalidSchedule("quiet_hours", message)
