"""What a question costs, counted in work, since time depends on the machine."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from types import FrameType

import pytest

from schedules import DstPolicy, InvalidRecurrence, Recurrence, densest_gap
from tests.unit.schedules.hostile_texts import ACCEPTED, REFUSED
from tests.unit.schedules.moments import local, utc

JUDGED = 350_000  # calls, which take less than 50 ms; `make bench` says how long each takes

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
    """Counts every call of a function, in Python or in C, whichever caches are warm."""
    work = [0]

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        work[0] += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield work
    finally:
        sys.setprofile(before)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_the_next_instant_costs_the_same_however_old_the_rule(rule: str, zone: str) -> None:
    for start in ("1970-01-01", "2000-01-01", "2026-11-20"):
        with counted() as work:
            assert Recurrence(rule, dtstart=local(start), timezone=zone).after(utc("2026-11-21T12:34:56"))
        assert work[0] <= 5_000


@pytest.mark.parametrize("rule", NEVER)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_a_rule_that_never_matches_says_so_within_a_budget(rule: str, zone: str) -> None:
    with counted() as work:
        assert Recurrence(rule, dtstart=local("2026-01-01"), timezone=zone).after(utc("2026-02-01")) == []

    assert work[0] <= 50_000


def test_a_count_that_ended_long_ago_is_counted_by_years() -> None:
    schedule = Recurrence("FREQ=SECONDLY;COUNT=1000000000", dtstart=local("1970-01-01"), timezone="UTC")

    with counted() as work:
        assert schedule.after(utc("2026-01-01")) == []
    assert work[0] <= 100_000
    with counted() as work:
        assert schedule.after(utc("2026-02-01")) == []
    assert work[0] <= 200
    assert schedule.after(utc("2001-09-09T01:46:38")) == [utc("2001-09-09T01:46:39")]
    assert schedule.after(utc("2001-09-09T01:46:39")) == []


def test_a_large_count_is_counted_out_only_when_it_may_have_ended() -> None:
    schedule = Recurrence("FREQ=DAILY;BYHOUR=9;COUNT=10000", dtstart=local("2026-01-01"), timezone="UTC")

    with counted() as work:
        assert schedule.after(utc("2030-01-01"))
    assert work[0] <= 2_000
    assert schedule.after(utc("2053-05-17T10:00")) == [utc("2053-05-18T09:00")]
    assert schedule.after(utc("2053-05-18T09:00")) == []


@pytest.mark.parametrize(("text", "zone", "start", "policy"), ACCEPTED)
def test_no_text_costs_more_than_a_moment_to_judge(text: str, zone: str, start: str, policy: str) -> None:
    with counted() as work:
        schedule = Recurrence(text, dtstart=local(start), timezone=zone, dst_policy=DstPolicy.parse(policy))
        schedule.after(utc("2026-11-21T12:34:56"))
        densest_gap(schedule)

    assert work[0] <= JUDGED


@pytest.mark.parametrize(("text", "part"), REFUSED)
def test_what_is_refused_is_refused_at_once(text: str, part: str) -> None:
    with counted() as work, pytest.raises(InvalidRecurrence) as refused:
        Recurrence(text, dtstart=local("2026-01-01"), timezone="UTC")

    assert refused.value.rule_part == part
    assert work[0] <= 10_000


@pytest.mark.parametrize("interval", [9_999_999_967, 86_400 * 40_000 + 61, 999_999_937])
def test_an_allowed_second_millennia_away_is_found(interval: int) -> None:
    start, end = utc("2000-01-01"), utc("9999-12-01")
    every = (
        start + timedelta(seconds=interval * step) for step in range((end - start) // timedelta(seconds=interval) + 1)
    )
    expected = [moment for moment in every if moment.weekday() == 2 and moment.minute % 2]

    with counted() as work:
        schedule = Recurrence(
            f"FREQ=SECONDLY;INTERVAL={interval};BYDAY=WE;BYMINUTE=" + ",".join(map(str, range(1, 60, 2))),
            dtstart=local("2000-01-01"),
            timezone="UTC",
        )
        found = schedule.after(start - timedelta(days=1), 1000)

    assert expected
    assert [instant.astimezone(UTC) for instant in found] == expected
    assert work[0] <= JUDGED
