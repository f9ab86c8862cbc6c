"""What a question costs, counted in work, since time depends on the machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest

from schedules import Recurrence
from schedules.recurrence.days import DayParts
from schedules.recurrence.grid import GridWalk
from schedules.recurrence.periods import PeriodWalk
from tests.unit.schedules.moments import local, utc

RULES = [
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO",
    "FREQ=DAILY;INTERVAL=5",
    "FREQ=HOURLY;INTERVAL=5",
    "FREQ=MINUTELY;INTERVAL=7;BYDAY=MO,TU,WE,TH,FR,SA,SU",
    "FREQ=SECONDLY;INTERVAL=13",
]
NEVER = [
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;INTERVAL=7;BYDAY=FR",
    "FREQ=DAILY;BYHOUR=9;BYSETPOS=2",
    "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30,31",
    "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
    "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYSETPOS=2",
    "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
    "FREQ=DAILY;BYSECOND=60",
    "FREQ=MINUTELY;BYSECOND=60",
    "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=HOURLY;BYYEARDAY=1;BYMONTHDAY=5",
    "FREQ=HOURLY;INTERVAL=168;BYDAY=FR",
    "FREQ=MINUTELY;INTERVAL=2;BYMINUTE=1",
    "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1",
    "FREQ=SECONDLY;INTERVAL=86400;BYSECOND=1",
    "FREQ=SECONDLY;BYSECOND=5;BYSETPOS=2",
    "FREQ=HOURLY;BYMINUTE=0,30;BYSETPOS=3",
]


@contextmanager
def counted() -> Iterator[list[int]]:
    """Counts periods made and days judged."""
    work = [0]

    def counting(kind: type, name: str):
        original = getattr(kind, name)

        def method(self, *given):
            work[0] += 1
            return original(self, *given)

        return patch.object(kind, name, method)

    with counting(PeriodWalk, "_times_of"), counting(GridWalk, "_instants_of"), counting(DayParts, "match"):
        yield work


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_the_next_instant_costs_the_same_however_old_the_rule(rule: str, zone: str) -> None:
    for start in ("1970-01-01", "2000-01-01", "2026-11-20"):
        with counted() as work:
            assert Recurrence(rule, dtstart=local(start), timezone=zone).after(utc("2026-11-21T12:34:56"))
        assert work[0] <= 40


@pytest.mark.parametrize("rule", NEVER)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_a_rule_that_never_matches_says_so_within_a_budget(rule: str, zone: str) -> None:
    with counted() as work:
        assert Recurrence(rule, dtstart=local("2026-01-01"), timezone=zone).after(utc("2026-02-01")) == []

    assert work[0] <= 50_000


def test_an_endless_count_is_not_walked() -> None:
    with counted() as work:
        Recurrence("FREQ=SECONDLY;COUNT=1000000000", dtstart=local("1970-01-01"), timezone="UTC").after(
            utc("2026-01-01")
        )

    assert work[0] <= 40


def test_a_large_count_is_counted_out_only_when_it_may_have_ended() -> None:
    schedule = Recurrence("FREQ=DAILY;BYHOUR=9;COUNT=10000", dtstart=local("2026-01-01"), timezone="UTC")

    with counted() as work:
        assert schedule.after(utc("2030-01-01"))
    assert work[0] <= 40
    assert schedule.after(utc("2053-05-17T10:00")) == [utc("2053-05-18T09:00")]
    assert schedule.after(utc("2053-05-18T09:00")) == []
