"""When nothing may begin: windows of local time, in which what is due waits for the window's end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from schedules.dst import DstPolicy, resolve
from schedules.errors import InvalidSchedule
from schedules.recurrence.rule import WEEKDAYS
from schedules.series import in_utc

_MOST_WINDOWS = 20
_DAY = timedelta(days=1)
_EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True)
class Window:
    """From `begin` until `end`, on the days (0 is Monday) on which it begins; `end` not after `begin` is on the next day."""

    begin: time
    end: time
    days: frozenset[int] = _EVERY_DAY

    def on(self, day: date) -> tuple[datetime, datetime] | None:
        """Its beginning and its end (local), when it begins on `day`."""
        if day.weekday() not in self.days:
            return None
        over_midnight = _DAY if self.end <= self.begin else timedelta()
        return datetime.combine(day, self.begin), datetime.combine(day, self.end) + over_midnight


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
        end = local
        while (later := self._end_of_one(end)) is not None:
            end = later
        return end if end != local else None

    def _end_of_one(self, local: datetime) -> datetime | None:
        for window in self.windows:
            for day in (local.date() - _DAY, local.date()):
                span = window.on(day)
                if span and span[0] <= local < span[1]:
                    return span[1]
        return None

    def _leaves_no_time(self) -> bool:
        """Whether every window ends within another: where time is left, some window's end begins it."""
        week = (date(2024, 1, 1) + number * _DAY for number in range(7))
        spans = (window.on(day) for day in week for window in self.windows)
        return all(self._end_of_one(span[1]) is not None for span in spans if span)


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
        return time.fromisoformat(given if isinstance(given, str) and len(given) == 5 else "")
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
