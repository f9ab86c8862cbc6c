"""The times of a day that BYHOUR, BYMINUTE and BYSECOND give, without making them all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from itertools import product

from schedules.recurrence.rule import Rule


@dataclass(frozen=True)
class TimesOfDay:
    """Every hour with every minute with every second: up to 86,400, ascending."""

    hours: tuple[int, ...]
    minutes: tuple[int, ...]
    seconds: tuple[int, ...]

    @classmethod
    def of(cls, rule: Rule, start: datetime) -> "TimesOfDay":
        """What the rule leaves out comes from DTSTART. BYSECOND=60 never matches: no zone database knows leap seconds."""
        seconds = tuple(second for second in rule.seconds if second < 60) if rule.seconds else (start.second,)
        return cls(rule.hours or (start.hour,), rule.minutes or (start.minute,), seconds)

    def __len__(self) -> int:
        return len(self.hours) * len(self.minutes) * len(self.seconds)

    def __getitem__(self, index: int) -> time:
        rest, second = divmod(index, len(self.seconds))
        hour, minute = divmod(rest, len(self.minutes))
        return time(self.hours[hour], self.minutes[minute], self.seconds[second])

    def __iter__(self) -> Iterator[time]:
        return (time(*parts) for parts in product(self.hours, self.minutes, self.seconds))

    def second(self, index: int) -> int:
        """One of them as seconds since midnight."""
        at = self[index]
        return at.hour * 3600 + at.minute * 60 + at.second

    @property
    def table(self) -> bytes:
        """A byte for each second of a day: 1 for the same times, else 0."""
        minute = bytes(second in self.seconds for second in range(60))
        hour = b"".join(minute if at in self.minutes else bytes(60) for at in range(60))
        return b"".join(hour if at in self.hours else bytes(3600) for at in range(24))

    @property
    def bits(self) -> int:
        """The same times as bits, midnight the lowest."""
        minute = sum(1 << second for second in self.seconds)
        hour = sum(minute << 60 * at for at in self.minutes)
        return sum(hour << 3600 * at for at in self.hours)
