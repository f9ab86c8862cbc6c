"""When an interval is due: its anchor and every whole multiple after it, in real time."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from schedules.errors import InvalidSchedule
from schedules.series import Series

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?",
    re.ASCII,
)
_CALENDAR = re.compile(r"P(?:\d+Y(?:\d+M)?|\d+M)(?:\d+W)?(?:\d+D)?(?:T[\dHMS]*)?", re.ASCII)
_LONGEST_TEXT = 64
_LONGEST = timedelta(days=36_525)
_END = datetime(9990, 1, 1, tzinfo=UTC)


class Interval(Series):
    """An ISO 8601 duration of weeks, days, hours, minutes and seconds, from 1 second to a century, such as PT15M.

    A day is 24 hours of real time. `anchor` is aware; answers are in its zone. The anchor itself is the first instant. Immutable.
    Raises `InvalidSchedule` with the cure.
    """

    def __init__(self, expr: str, *, anchor: datetime) -> None:
        if anchor.tzinfo is None:
            raise InvalidSchedule("dtstart", "an interval's anchor must be aware: give it a time zone")
        self.every = _duration(expr)
        self.anchor = anchor.replace(microsecond=0)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Interval):
            return NotImplemented
        return (self.every, self.anchor) == (other.every, other.anchor)

    def __hash__(self) -> int:
        return hash((self.every, self.anchor))

    def __repr__(self) -> str:
        return f"Interval({self.every!r}, anchor={self.anchor!r})"

    def _instants_after(self, moment: datetime) -> Iterator[datetime]:
        anchor = self.anchor.astimezone(UTC)
        instant = anchor + max((moment - anchor) // self.every + 1, 0) * self.every
        while instant < _END:
            yield instant.astimezone(self.anchor.tzinfo)
            instant += self.every


def _duration(expr: str) -> timedelta:
    text = expr.strip().upper()
    match = _DURATION.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if match is None or not any(match.groups()):
        if _CALENDAR.fullmatch(text[:_LONGEST_TEXT]):
            raise InvalidSchedule(
                "schedule_expr",
                "years and months differ in length: use an RRULE such as FREQ=MONTHLY, or weeks, days, hours",
            )
        raise InvalidSchedule(
            "schedule_expr", f"{expr.strip()[:40]!r} is not an ISO 8601 duration: write PT15M, PT1H30M, P1D or P2W"
        )
    try:
        every = timedelta(**{unit: int(number) for unit, number in match.groupdict(default="0").items()})
    except OverflowError as error:
        raise InvalidSchedule("schedule_expr", "an interval must be at most 100 years") from error
    if not timedelta(seconds=1) <= every <= _LONGEST:
        raise InvalidSchedule("schedule_expr", "an interval must be at least 1 second and at most 100 years")
    return every
