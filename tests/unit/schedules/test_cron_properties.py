"""Cron expressions against a brute force that shares nothing with them: every minute is looked at, in order."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from schedules import Cron, DstPolicy, InvalidSchedule
from tests.unit.schedules.moments import utc

pytestmark = pytest.mark.no_cover  # three times as slow when measured

PARTS = 10
AT_CHANGES = 200
BY_CALENDAR = 150
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CHANGES = [
    ("Europe/Chisinau", "2026-03-29T01:00"),
    ("Europe/Chisinau", "2026-10-25T01:00"),
    ("America/New_York", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T06:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("America/Havana", "2026-03-08T05:00"),
    ("America/Havana", "2025-11-02T05:00"),
    ("Pacific/Apia", "2011-12-30T10:00"),
    ("Pacific/Kwajalein", "1969-09-30T13:00"),
    ("Antarctica/Troll", "2026-03-29T01:00"),
    ("Antarctica/Troll", "2026-10-25T01:00"),
    ("Asia/Kathmandu", "2026-01-01T00:00"),
]
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
FIELDS = [(0, 59, []), (0, 23, []), (1, 31, []), (1, 12, ["", *MONTHS]), (0, 7, WEEKDAYS)]


@pytest.mark.parametrize("part", range(PARTS))
def test_every_expression_at_a_change_of_clocks_equals_brute_force(part: int) -> None:
    for seed in range(part, AT_CHANGES, PARTS):
        rng = random.Random(f"change {seed}")
        zone, at = CHANGES[seed % len(CHANGES)]
        near = utc(at).astimezone(ZoneInfo(zone))
        expr = _expression(rng, near.hour, busy=True)
        policy = DstPolicy(rng.choice(["rfc", "next_valid", "skip"]), rng.choice(["first", "second", "both"]))
        found = [instant.astimezone(UTC) for instant in _cron(expr, zone, policy).between(utc(at) - DAY, utc(at) + DAY)]

        assert found == _at_change(expr, zone, at, policy), (seed, expr, zone, at, policy)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_expression_equals_brute_force_over_the_years(part: int) -> None:
    for seed in range(part, BY_CALENDAR, PARTS):
        rng = random.Random(f"calendar {seed}")
        expr = _expression(rng, rng.randrange(24), busy=False)
        begin = datetime(1990, 1, 1, tzinfo=UTC) + MINUTE * rng.randrange(100 * 365 * 1440)
        expected = list(islice(_by_calendar(expr, begin), 40))

        if expected:
            assert _cron(expr, "UTC", DstPolicy()).after(begin, len(expected)) == expected, (seed, expr, begin)
        else:
            with pytest.raises(InvalidSchedule, match="never occurs"):
                _cron(expr, "UTC", DstPolicy())


def _cron(expr: str, zone: str, policy: DstPolicy) -> Cron:
    return Cron(expr, timezone=zone, dst_policy=policy)


# --- the brute force -------------------------------------------------------------------------------------------------


class Clock(NamedTuple):
    """What a clock on the wall shows: at which instants each reading, and which readings it leaves out."""

    readings: dict[datetime, list[datetime]]
    leaps: dict[datetime, tuple[datetime, datetime]]  # (as read with the offset before, first instant after)


@lru_cache
def _clock(zone: str, at: str) -> Clock:
    clock = Clock({}, {})
    home, instant = ZoneInfo(zone), utc(at) - 3 * DAY
    while instant < utc(at) + 3 * DAY:
        reading = instant.astimezone(home).replace(tzinfo=None)
        before = (instant - MINUTE).astimezone(home).replace(tzinfo=None)
        missing, shifted = before + MINUTE, instant
        while missing < reading:
            clock.leaps[missing] = (shifted, instant)
            missing, shifted = missing + MINUTE, shifted + MINUTE
        clock.readings.setdefault(reading, []).append(instant)
        instant += MINUTE
    return clock


def _at_change(expr: str, zone: str, at: str, policy: DstPolicy) -> list[datetime]:
    clock, expression = _clock(zone, at), Expression.read(expr)
    found: set[datetime] = set()
    for reading, instants in clock.readings.items():
        if expression.holds(reading):
            taken = {"first": instants[:1], "second": instants[-1:], "both": instants}
            found.update(taken[policy.fold] if expression.fixed else instants)
    for reading, (shifted, after) in clock.leaps.items():
        if expression.fixed and policy.gap != "skip" and expression.holds(reading):
            found.add(shifted if policy.gap == "rfc" else after)
    return sorted(instant for instant in found if utc(at) - DAY < instant <= utc(at) + DAY)


def _by_calendar(expr: str, begin: datetime) -> Iterator[datetime]:
    """In UTC, for as long as it takes until 29 February has met every weekday."""
    expression = Expression.read(expr)
    midnight = begin.replace(hour=0, minute=0)
    for days in range(41 * 366):
        day = midnight + days * DAY
        if expression.holds_on(day):
            minutes = (day + MINUTE * number for number in range(1440))
            yield from (minute for minute in minutes if minute > begin and expression.holds(minute))


class Expression(NamedTuple):
    """Five fields as numbers."""

    minutes: set[int]
    hours: set[int]
    days: set[int]
    months: set[int]
    weekdays: set[int]
    fixed: bool
    both_days: bool

    @classmethod
    def read(cls, expr: str) -> "Expression":
        texts = expr.upper().split()
        minutes, hours, days, months, weekdays = map(_numbers, texts, *zip(*FIELDS, strict=True))
        starred = [text[0] == "*" for text in texts]
        fixed = not starred[0] and not starred[1]
        return cls(minutes, hours, days, months, {day % 7 for day in weekdays}, fixed, starred[2] or starred[4])

    def holds_on(self, day: datetime) -> bool:
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and ((in_month and in_week) if self.both_days else (in_month or in_week))

    def holds(self, minute: datetime) -> bool:
        return minute.minute in self.minutes and minute.hour in self.hours and self.holds_on(minute)


def _numbers(text: str, lowest: int, highest: int, names: list[str]) -> set[int]:
    def number(word: str) -> int:
        return names.index(word) if word in names else int(word)

    found: set[int] = set()
    for term in text.split(","):
        span, _, step = term.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            low, high = lowest, highest
        elif dash:
            low, high = number(first), number(last)
        else:
            low = number(span)
            high = highest if step else low
        found.update(range(low, high + 1, int(step or "1")))
    return found


# --- random expressions ----------------------------------------------------------------------------------------------


def _expression(rng: random.Random, hour: int, *, busy: bool) -> str:
    """busy: due on most days; and in the hours around the given one more often than not."""
    fields = [_field(rng, *field) for field in FIELDS]
    if rng.random() < 0.6:
        fields[1] = ",".join(str((hour + hours) % 24) for hours in rng.sample(range(-3, 3), 3))
    if not busy and rng.random() < 0.3:
        fields[2:4] = [
            rng.choice(["29", "30", "31", "30,31", "29-31", "31-31/7"]),
            rng.choice(["2", "FEB", "4,6", "2-3/2"]),
        ]
    if busy:
        fields[3] = "*"
        fields[2] = rng.choice(["*", "*", "*/2", fields[2]])
        fields[4] = rng.choice(["*", "*", "*/3", fields[4]])
    return " ".join(fields)


def _field(rng: random.Random, lowest: int, highest: int, names: list[str]) -> str:
    return ",".join(_term(rng, lowest, highest, names) for _ in range(rng.choice([1, 1, 1, 2, 4])))


def _term(rng: random.Random, lowest: int, highest: int, names: list[str]) -> str:
    def shown(number: int) -> str:
        if number < len(names) and rng.random() < 0.3:
            return rng.choice([names[number], names[number].lower(), names[number].title()]) or str(number)
        return rng.choice([str(number), str(number), f"{number:02}"])

    low, high = sorted([rng.randint(lowest, highest), rng.randint(lowest, highest)])
    step = rng.randint(1, highest + 2)
    one, other = shown(low), shown(high)
    spans = ["*", one, other, f"{one}-{other}"]
    return rng.choice([*spans, f"*/{step}", f"{one}/{step}", f"{one}-{other}/{step}", f"{one}-{one}/{step}"])
