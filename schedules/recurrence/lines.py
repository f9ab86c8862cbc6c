"""What does the local clock read at a second of a line?

A line is a count of seconds whose days are ordinals: real time, or the local clock itself.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from schedules.recurrence import changes
from schedules.recurrence.changes import DAY


class Line(Protocol):
    """What the local clock reads at a second of the line: the second and an offset."""

    def offset(self, second: int) -> int: ...

    def offsets_from(self, second: int) -> Collection[int]:
        """Every offset in force from a second on, or more."""
        ...

    def first_with(self, offset: int, second: int) -> int | None:
        """The first second from `second` on at which an offset is in force."""
        ...


@dataclass(frozen=True)
class RealTime:
    """The line is UTC, and a zone's clock is read."""

    zone: ZoneInfo

    def offset(self, second: int) -> int:
        return changes.offset_at(self.zone, second)

    def offsets_from(self, second: int) -> Collection[int]:
        return changes.offsets_from(self.zone, date.fromordinal(second // DAY).year)

    def first_with(self, offset: int, second: int) -> int | None:
        return changes.first_with(self.zone, offset, second)


@dataclass(frozen=True)
class ClockTime:
    """The line is the local clock itself."""

    def offset(self, _second: int) -> int:
        return 0

    def offsets_from(self, _second: int) -> Collection[int]:
        return (0,)

    def first_with(self, _offset: int, second: int) -> int | None:
        return second
