"""The parts of one RRULE (RFC 5545, 3.3.10), as plain values."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Frequency(IntEnum):
    YEARLY = 0
    MONTHLY = 1
    WEEKLY = 2
    DAILY = 3
    HOURLY = 4
    MINUTELY = 5
    SECONDLY = 6

    @property
    def subdaily(self) -> bool:
        return self >= Frequency.HOURLY


@dataclass(frozen=True)
class Rule:
    """What the text says, in ascending order and without repetition; an empty tuple is a part left out.

    Weekdays count from Monday, 0. `until` is naive when it is to be read in the rule's zone.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    week_start: int = 0
    seconds: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    numbered_weekdays: tuple[tuple[int, int], ...] = ()  # (number, weekday)
    month_days: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    week_numbers: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()

    @property
    def limits_days(self) -> bool:
        return bool(
            self.weekdays
            or self.numbered_weekdays
            or self.month_days
            or self.year_days
            or self.week_numbers
            or self.months
        )
