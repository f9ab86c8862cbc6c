"""Where COUNT ends a rule, when it is counted and not walked."""

from datetime import UTC, timedelta

import pytest

from schedules import DstPolicy, Recurrence
from tests.unit.schedules.moments import local, utc

BEGINNING = utc("1990-01-01")
MANY = ",".join(map(str, range(0, 60, 7)))


def recurrence(rule: str, zone: str, policy: str = "", start: str = "2000-03-01T02:30:07") -> Recurrence:
    return Recurrence(rule, dtstart=local(start), timezone=zone, dst_policy=DstPolicy.parse(policy))


@pytest.mark.no_cover
@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    ("rule", "policy"),
    [
        ("FREQ=YEARLY;INTERVAL=2;BYMONTH=3,11;BYHOUR=1,2,3;BYMINUTE=0,30", "next_valid, both"),
        ("FREQ=YEARLY;BYDAY=SU,1MO;BYHOUR=1,2;BYSETPOS=1,5,-1,-2,-9", "both"),
        ("FREQ=MONTHLY;INTERVAL=5;BYDAY=-1SU,2SU;BYHOUR=1,2,3", "skip, both"),
        ("FREQ=MONTHLY;BYDAY=SU,MO,TU,WE;BYHOUR=1,2,3;BYSETPOS=1,2,-1", "skip"),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,SA;BYHOUR=0,1,2,3", "next_valid"),
        ("FREQ=WEEKLY;BYMONTH=3,10,11;BYDAY=SU,MO;BYHOUR=1,2;BYSETPOS=1,-1", "second"),
        ("FREQ=DAILY;BYHOUR=1;BYMINUTE=0,10,20,30,40,50", "second"),
        ("FREQ=DAILY;BYHOUR=1;BYMINUTE=0,10,20,30,40,50", "first"),
        ("FREQ=DAILY;INTERVAL=3;BYMONTH=3,10,11;BYHOUR=1,2,3;BYMINUTE=0,15,30", "rfc, both"),
        (f"FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE={MANY};BYSETPOS=2,3,9,-1", "next_valid, both"),
        ("FREQ=HOURLY;INTERVAL=5;BYDAY=SU,MO", ""),
        (f"FREQ=HOURLY;INTERVAL=7;BYMINUTE={MANY}", "both, wall"),
        (f"FREQ=HOURLY;INTERVAL=25;BYMINUTE={MANY}", ""),
        (f"FREQ=HOURLY;INTERVAL=101;BYMINUTE={MANY};BYDAY=SA,SU,MO", ""),
        (f"FREQ=HOURLY;INTERVAL=31;BYSECOND={MANY}", "skip, wall"),
        ("FREQ=MINUTELY;INTERVAL=7;BYHOUR=1,2,3", "both, wall"),
        ("FREQ=MINUTELY;INTERVAL=1441;BYMONTH=3,4,10,11", ""),
        (f"FREQ=MINUTELY;INTERVAL=1500;BYSECOND={MANY}", ""),
        ("FREQ=SECONDLY;INTERVAL=90;BYHOUR=2", "next_valid, wall"),
        ("FREQ=SECONDLY;INTERVAL=4001;BYHOUR=1,2,3", ""),
        ("FREQ=SECONDLY;INTERVAL=86399", "both"),
    ],
)
def test_a_counted_end_is_the_instant_that_walking_comes_to(zone: str, rule: str, policy: str) -> None:
    walked = [instant.astimezone(UTC) for instant in recurrence(rule, zone, policy).after(BEGINNING, 1501)]

    for count in (501, 777, 1500):
        counted = recurrence(f"{rule};COUNT={count}", zone, policy)
        assert [instant.astimezone(UTC) for instant in counted.after(walked[count - 2])] == [walked[count - 1]]
        assert counted.after(walked[count - 1]) == []
        assert recurrence(f"{rule};COUNT={count}", zone, policy).after(walked[count]) == []


def test_a_day_that_never_came_is_not_counted() -> None:
    rule = recurrence("FREQ=DAILY;COUNT=600", "Pacific/Apia", "skip", start="2010-12-30T12:00")

    assert rule.after(utc("2012-08-20T20:00")) == [utc("2012-08-20T23:00")]
    assert rule.after(utc("2012-08-20T23:00")) == []


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_millions_are_counted_exactly(zone: str) -> None:
    rule = recurrence("FREQ=MINUTELY;BYSECOND=0,30;COUNT=20000000", zone, start="2000-01-01T00:00")
    [first] = recurrence("FREQ=MINUTELY", zone, start="2000-01-01T00:00").after(BEGINNING)
    last = first.astimezone(UTC) + timedelta(seconds=30 * 19_999_999)

    assert rule.after(last - timedelta(seconds=1)) == [last]
    assert rule.after(last) == []


def test_a_count_that_the_calendar_never_comes_to_ends_nothing() -> None:
    rule = recurrence("FREQ=WEEKLY;BYDAY=MO,TU;COUNT=900000", "UTC")

    assert rule.after(utc("9990-01-01")) == [utc("9990-01-01T02:30:07")]
