from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest

from schedules import DstPolicy, Recurrence
from schedules.calendars import DateSet, Rolled, parse_calendar, roll
from schedules.zones import zone
from tests.unit.schedules.moments import local, utc

WEEKENDS = parse_calendar({"weekends": True})
NEVER_OPEN = parse_calendar({"weekends": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]})
RFC = DstPolicy()
NEXT, PREVIOUS, EXCLUDE = "next_business_day", "previous_business_day", "exclude"


def instants_of(
    rule: str, timezone: str = "UTC", start: str = "2026-01-01"
) -> Callable[[datetime], Iterator[datetime]]:
    recurrence = Recurrence(rule, dtstart=local(start), timezone=timezone)

    def instants(moment: datetime) -> Iterator[datetime]:
        while found := recurrence.after(moment, 3):
            yield from (instant.astimezone(UTC) for instant in found)
            moment = found[-1]

    return instants


def rolled(  # noqa: PLR0913  each test names what it is about
    rule: str,
    policy: str,
    *,
    days: DateSet = WEEKENDS,
    after: str = "2026-01-01",
    timezone: str = "UTC",
    dst: DstPolicy = RFC,
    limit: int = 5,
) -> list[Rolled]:
    entries = roll(
        instants_of(rule, timezone), after=utc(after), zone=zone(timezone), days=days, policy=policy, dst=dst
    )
    return list(islice(entries, limit))


def listed(*days: str) -> DateSet:
    return parse_calendar({"dates": list(days)})


def kept(at: str) -> Rolled:
    return Rolled(utc(at), None, None)


def withheld(at: str, name: str = "weekend") -> Rolled:
    return Rolled(utc(at), name, None)


def moved(at: str, nominal: str) -> Rolled:
    return Rolled(utc(at), None, utc(nominal))


def test_exclude_withholds_what_falls_on_a_day_of_the_set_and_names_it() -> None:
    assert rolled("FREQ=DAILY;BYHOUR=9;COUNT=5", EXCLUDE) == [
        kept("2026-01-01T09:00"),
        kept("2026-01-02T09:00"),
        withheld("2026-01-03T09:00"),
        withheld("2026-01-04T09:00"),
        kept("2026-01-05T09:00"),
    ]


def test_next_business_day_moves_to_the_same_clock_time_on_the_next_open_day() -> None:
    assert rolled("FREQ=WEEKLY;BYDAY=SA;BYHOUR=9;COUNT=1", NEXT) == [
        withheld("2026-01-03T09:00"),
        moved("2026-01-05T09:00", "2026-01-03T09:00"),
    ]


def test_previous_business_day_moves_to_the_same_clock_time_on_the_last_open_day() -> None:
    assert rolled("FREQ=WEEKLY;BYDAY=SU;BYHOUR=9;COUNT=1", PREVIOUS) == [
        moved("2026-01-02T09:00", "2026-01-04T09:00"),
        withheld("2026-01-04T09:00"),
    ]


@pytest.mark.parametrize(("policy", "target"), [(NEXT, "2026-01-05T09:00"), (PREVIOUS, "2026-01-02T09:00")])
def test_moved_instants_that_meet_become_one_of_the_earliest(policy: str, target: str) -> None:
    entries = rolled("FREQ=DAILY;BYDAY=SA,SU;BYHOUR=9;COUNT=2", policy)

    assert [entry for entry in entries if entry.moved_from] == [moved(target, "2026-01-03T09:00")]


@pytest.mark.parametrize("policy", [NEXT, PREVIOUS])
def test_a_nominal_instant_stays_where_a_moved_one_meets_it(policy: str) -> None:
    entries = rolled("FREQ=DAILY;BYHOUR=9;COUNT=7", policy, limit=9)

    assert [entry.at for entry in entries] == [utc(f"2026-01-0{day}T09:00") for day in range(1, 8)]
    assert not any(entry.moved_from for entry in entries)


def test_moved_and_nominal_instants_of_a_day_come_in_order() -> None:
    entries = rolled("FREQ=DAILY;BYDAY=SA;BYHOUR=12\nRRULE:FREQ=DAILY;BYDAY=MO;BYHOUR=9,15", NEXT, limit=4)

    assert entries == [
        withheld("2026-01-03T12:00"),
        kept("2026-01-05T09:00"),
        moved("2026-01-05T12:00", "2026-01-03T12:00"),
        kept("2026-01-05T15:00"),
    ]


def test_an_instant_before_the_moment_that_moves_to_after_it_is_found() -> None:
    rule = "FREQ=WEEKLY;BYDAY=SA;BYHOUR=9"

    assert rolled(rule, NEXT, after="2026-01-05T08:59", limit=1) == [moved("2026-01-05T09:00", "2026-01-03T09:00")]
    assert rolled(rule, NEXT, after="2026-01-04T12:00", limit=1) == [moved("2026-01-05T09:00", "2026-01-03T09:00")]
    assert rolled(rule, NEXT, after="2026-01-05T09:00", limit=1) == [withheld("2026-01-10T09:00")]


def test_an_instant_long_after_the_moment_that_moves_to_soon_after_it_is_found() -> None:
    days = listed(*[f"2026-03-{day:02}" for day in range(2, 32)])

    assert rolled("FREQ=MONTHLY;BYMONTHDAY=30;BYHOUR=9", PREVIOUS, days=days, after="2026-03-01T08:00", limit=1) == [
        moved("2026-03-01T09:00", "2026-03-30T09:00")
    ]


def test_days_are_read_in_the_zone() -> None:
    assert rolled("FREQ=WEEKLY;BYDAY=MO;BYHOUR=0;COUNT=1", NEXT, timezone="Pacific/Auckland") == [
        kept("2026-01-04T11:00")
    ]


def test_the_clock_time_is_resolved_by_the_dst_policy_of_the_day_it_moves_to() -> None:
    days = listed("2026-03-28", "2026-10-24")
    spring, autumn = (
        "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=28;BYHOUR=2;BYMINUTE=30",
        "FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=24;BYHOUR=2",
    )

    def moved_to(rule: str, words: str) -> list[datetime]:
        entries = rolled(rule, NEXT, days=days, timezone="Europe/Berlin", dst=DstPolicy.parse(words), limit=3)
        return [entry.at for entry in entries if entry.moved_from]

    assert moved_to(spring, "rfc") == [utc("2026-03-29T01:30")]
    assert moved_to(spring, "next_valid") == [utc("2026-03-29T01:00")]
    assert moved_to(spring, "skip") == []
    assert moved_to(autumn, "second") == [utc("2026-10-25T01:00")]
    assert moved_to(autumn, "both") == [utc("2026-10-25T00:00"), utc("2026-10-25T01:00")]


def test_instants_of_a_day_with_an_hour_twice_arrive_in_order() -> None:
    entries = rolled(
        "FREQ=MINUTELY;INTERVAL=20;BYMONTHDAY=25;BYMONTH=10",
        NEXT,
        days=listed("2026-10-25"),
        timezone="Europe/Berlin",
        limit=200,
        after="2026-10-25T22:59:59",
    )

    arrivals = [entry.at for entry in entries if entry.moved_from]
    assert arrivals == sorted(set(arrivals))
    assert len(arrivals) == 72


def test_an_hour_that_happened_twice_moves_to_a_gap_by_the_clock() -> None:
    """Morocco puts its clocks back for the month of Ramadan and forward after it."""
    first = date(2026, 2, 15)
    month = listed(*[(first + timedelta(days=number)).isoformat() for number in range(35)])

    entries = rolled(
        "FREQ=DAILY;BYHOUR=2;BYMINUTE=30;COUNT=1;BYMONTH=2;BYMONTHDAY=15\nEXDATE:20260215T023000\nRDATE:20260215T023000Z",
        NEXT,
        days=month,
        timezone="Africa/Casablanca",
    )

    assert entries == [withheld("2026-02-15T02:30", "holiday"), moved("2026-03-22T02:30", "2026-02-15T02:30")]


def test_a_day_that_the_zone_leaves_out_is_no_business_day() -> None:
    entries = rolled(
        "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=29;BYHOUR=9;COUNT=20\nDTSTART:20110101T000000",
        NEXT,
        days=listed("2011-12-29", "2011-12-31"),
        timezone="Pacific/Apia",
        after="2011-12-01",
        limit=2,
    )

    assert entries == [withheld("2011-12-29T19:00", "holiday"), moved("2011-12-31T19:00", "2011-12-29T19:00")]


@pytest.mark.parametrize("policy", [EXCLUDE, NEXT, PREVIOUS])
def test_a_schedule_that_is_always_withheld_goes_on_without_an_end(policy: str) -> None:
    entries = rolled("FREQ=SECONDLY", policy, days=NEVER_OPEN, limit=1000)

    assert entries[0] == withheld("2026-01-01T00:00:01")
    assert all(entry.withheld for entry in entries)


@pytest.mark.parametrize("policy", [NEXT, PREVIOUS])
def test_no_business_day_within_366_days_means_withheld_only(policy: str) -> None:
    first = date(2025, 1, 1)
    long = listed(*[(first + timedelta(days=number)).isoformat() for number in range(1000)])

    entries = rolled("FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1;COUNT=1", policy, days=long)

    assert entries == [withheld("2026-07-01T00:00", "holiday")]


@pytest.mark.parametrize(
    ("policy", "after"),
    [(NEXT, "2026-12-31T12:00"), (NEXT, "2027-01-01T12:00"), (PREVIOUS, "2025-12-31T12:00"), (PREVIOUS, "2026-06-01")],
)
def test_a_dense_schedule_beside_a_long_closure_is_read_lazily(policy: str, after: str) -> None:
    first = date(2026, 1, 1)
    year = listed(*[(first + timedelta(days=number)).isoformat() for number in range(365)])
    read = [0]
    source = instants_of("FREQ=SECONDLY")

    def instants(moment: datetime) -> Iterator[datetime]:
        for instant in source(moment):
            read[0] += 1
            yield instant

    entries = roll(instants, after=utc(after), zone=zone("UTC"), days=year, policy=policy, dst=DstPolicy())
    assert len(list(islice(entries, 20))) == 20

    assert read[0] < 25_000


def test_the_last_days_of_the_calendar_are_no_error() -> None:
    always = roll(
        lambda moment: iter([utc("9999-11-30T12:00")]),
        after=utc("9999-11-29"),
        zone=zone("UTC"),
        days=NEVER_OPEN,
        policy=NEXT,
        dst=DstPolicy(),
    )

    assert list(always) == [kept("9999-11-30T12:00")]
