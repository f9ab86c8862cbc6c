"""Which instants a recurrence gives."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from schedules import Recurrence
from tests.unit.schedules.moments import local, readings, utc
from tests.unit.schedules.random_rules import rules


def recurrence(rule: str, start: str = "2026-01-01T09:00", timezone: str = "UTC") -> Recurrence:
    return Recurrence(rule, dtstart=local(start), timezone=timezone)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    rule=rules(),
    start=st.datetimes(datetime(2019, 1, 1), datetime(2020, 12, 31)).map(lambda moment: moment.replace(microsecond=0)),  # noqa: DTZ001
    later=st.timedeltas(timedelta(days=-2), timedelta(days=60)),
)
def test_it_equals_dateutil_walking_from_dtstart(rule: str, start: datetime, later: timedelta) -> None:
    moment = start + later
    schedule = Recurrence(rule, dtstart=start, timezone="UTC")
    ours = [instant.replace(tzinfo=None) for instant in schedule.after(moment.replace(tzinfo=UTC), 5)]
    # dateutil walks to the year 9999 for a rule that has no more instants.
    assume(len(ours) == 5 and ours[-1] < moment + timedelta(days=3000))

    walked = (found for found in rrulestr(rule, dtstart=start) if found > moment)

    assert ours == list(islice(walked, 5))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["2026-01-30", "2026-02-27", "2026-03-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", ["2026-01-31", "2026-03-31", "2026-05-31"]),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", ["2026-02-13", "2026-03-13", "2026-11-13"]),
        ("FREQ=MONTHLY;BYDAY=TH,1FR", ["2026-01-01", "2026-01-02", "2026-01-08"]),
        ("FREQ=YEARLY;BYWEEKNO=20", ["2026-05-14", "2027-05-20", "2028-05-18"]),
        ("FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU", ["2027-01-03", "2028-01-02", "2028-12-31"]),
        ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=FR,SA", ["2027-01-01", "2027-01-02", "2032-12-31"]),
        ("FREQ=YEARLY;BYYEARDAY=-1,60", ["2026-03-01", "2026-12-31", "2027-03-01"]),
        ("FREQ=YEARLY;BYDAY=-1MO", ["2026-12-28", "2027-12-27", "2028-12-25"]),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", ["2026-11-26", "2027-11-25", "2028-11-23"]),
        ("FREQ=YEARLY;BYYEARDAY=1,5,8;BYMONTH=1;BYDAY=1MO,2TH", ["2026-01-05", "2026-01-08"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU", ["2026-01-11", "2026-01-25", "2026-02-08"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=MO", ["2026-01-04", "2026-01-18", "2026-02-01"]),
        ("FREQ=WEEKLY;BYDAY=MO,TH,FR;BYSETPOS=1", ["2026-01-05", "2026-01-12", "2026-01-19"]),
        ("FREQ=WEEKLY;BYMONTH=3;BYDAY=SU", ["2026-03-01", "2026-03-08", "2026-03-15"]),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", ["2028-02-29", "2032-02-29", "2036-02-29"]),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", ["2044-02-29", "2072-02-29", "2112-02-29"]),
        ("FREQ=DAILY;INTERVAL=7;BYMONTH=2;BYMONTHDAY=29;BYDAY=TH", ["2052-02-29", "2080-02-29", "2120-02-29"]),
        ("FREQ=DAILY;INTERVAL=3;BYMONTH=2", ["2026-02-03", "2026-02-06", "2026-02-09"]),
        ("FREQ=HOURLY;BYYEARDAY=100;BYHOUR=9", ["2026-04-10", "2027-04-10", "2028-04-09"]),
        ("FREQ=MINUTELY;INTERVAL=1440;BYDAY=SU", ["2026-01-04", "2026-01-11", "2026-01-18"]),
        ("FREQ=HOURLY;BYMINUTE=0,30;BYSETPOS=-1;BYHOUR=9;BYDAY=FR", ["2026-01-02", "2026-01-09", "2026-01-16"]),
        ("FREQ=HOURLY;INTERVAL=25;BYHOUR=9", ["2026-01-01", "2026-01-26", "2026-02-20"]),
        ("FREQ=SECONDLY;INTERVAL=86399;BYHOUR=8;BYMINUTE=0;BYSECOND=0", ["2035-11-10"]),
    ],
)
def test_days_that_the_rfc_leaves_no_doubt_about(rule: str, expected: list[str]) -> None:
    assert [reading[:10] for reading in readings(recurrence(rule), "2025-12-31", len(expected))] == [
        day[:10] for day in expected
    ]


def test_an_interval_keeps_its_phase_however_far_away() -> None:
    start, far = datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC), utc("2026-11-21T12:34:56")
    rule = Recurrence("FREQ=SECONDLY;INTERVAL=7", dtstart=start.replace(tzinfo=None), timezone="UTC")

    [found] = rule.after(far)

    assert (found - start) % timedelta(seconds=7) == timedelta(0)
    assert timedelta(0) < found - far <= timedelta(seconds=7)


@pytest.mark.parametrize(
    ("rule", "last"),
    [
        ("FREQ=DAILY;COUNT=3", "2026-01-03 09:00"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=3", "2026-01-29 09:00"),
        ("FREQ=HOURLY;COUNT=30", "2026-01-02 14:00"),
        ("FREQ=HOURLY;BYHOUR=9,10;COUNT=3", "2026-01-02 09:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2", "2026-03-31 09:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=5;COUNT=1", "2026-01-05 09:00"),
        ("FREQ=DAILY;UNTIL=20260103T090000Z", "2026-01-03 09:00"),
        ("FREQ=DAILY;UNTIL=20260103T085959Z", "2026-01-02 09:00"),
        ("FREQ=DAILY;UNTIL=20260103", "2026-01-03 09:00"),
        ("FREQ=DAILY;UNTIL=20260103T090000", "2026-01-03 09:00"),
    ],
)
def test_count_and_until_end_the_rule_with_the_last_instant_included(rule: str, last: str) -> None:
    assert readings(recurrence(rule), "2020-01-01", 99)[-1] == last
    assert recurrence(rule).after(utc("2030-01-01")) == []


def test_until_in_local_form_is_read_in_the_zone() -> None:
    schedule = recurrence("FREQ=HOURLY;UNTIL=20260103", timezone="Asia/Kathmandu")

    assert readings(schedule, "2026-01-03T00:00", 99)[-1] == "2026-01-03 23:00"


def test_exdate_does_not_refill_the_count() -> None:
    assert readings(recurrence("RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260102T090000"), "2020-01-01", 9) == [
        "2026-01-01 09:00",
        "2026-01-03 09:00",
    ]


def test_a_count_that_is_never_reached_is_no_limit() -> None:
    assert readings(recurrence("FREQ=DAILY;COUNT=1000000000"), "2126-01-01T10:00", 1) == ["2126-01-02 09:00"]
    assert recurrence("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=99999").after(utc("2027-01-01")) == [
        utc("2028-02-29T09:00")
    ]


def test_between_leaves_out_its_start_and_includes_its_end() -> None:
    rule = recurrence("FREQ=DAILY")

    assert len(rule.between(utc("2026-01-01T09:00"), utc("2026-01-03T09:00"))) == 2
    assert rule.between(utc("2026-01-03T09:00"), utc("2026-01-03T09:00")) == []


def test_the_calendar_ends_quietly() -> None:
    assert recurrence("FREQ=DAILY").after(utc("9999-12-20")) == []
    assert recurrence("FREQ=HOURLY").after(utc("9999-12-20")) == []
    assert recurrence("FREQ=YEARLY;INTERVAL=9999999").after(utc("2026-06-01")) == []
    assert recurrence("FREQ=SECONDLY;INTERVAL=9999999999").after(utc("2400-06-01")) != []


def test_every_second_hour_reads_odd_only_after_clocks_change() -> None:
    rule = "FREQ=HOURLY;INTERVAL=2;BYHOUR=1,3,5"

    assert recurrence(rule, "2026-01-01T00:00").after(utc("2026-01-01")) == []
    assert readings(recurrence(rule, "2026-01-01T00:00", "America/New_York"), "2026-01-01", 2) == [
        "2026-03-08 03:00",
        "2026-03-08 05:00",
    ]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize(
    "rule",
    ["FREQ=MINUTELY;BYHOUR=9,10;COUNT=50", "FREQ=HOURLY;BYMINUTE=0,30;COUNT=9", "FREQ=MINUTELY;BYSECOND=0,1;COUNT=500"],
)
def test_a_count_ends_the_rule_in_every_zone(rule: str, zone: str) -> None:
    schedule = recurrence(rule, timezone=zone)
    count = int(rule.partition("COUNT=")[2])

    instants = schedule.after(utc("2020-01-01"), 999)

    assert len(instants) == count
    assert schedule.after(instants[-2]) == instants[-1:]
    assert schedule.after(instants[-1]) == []
