"""Local times where clocks change."""

from datetime import UTC

import pytest

from schedules import Cron, DstPolicy, InvalidSchedule, Recurrence
from schedules.series import Schedule
from tests.unit.schedules.brute_force import Case, instants
from tests.unit.schedules.moments import local, readings, shown, utc
from tests.unit.schedules.random_cases import recurrence_of

CHANGES = [
    ("America/New_York", "2026-03-06", "2026-10-30"),
    ("Europe/Chisinau", "2026-03-27", "2026-10-23"),
    ("Australia/Lord_Howe", "2026-04-03", "2026-10-02"),
    ("Pacific/Auckland", "2026-04-03", "2026-09-25"),
]


def recurrence(
    rule: str, timezone: str = "America/New_York", *, policy: DstPolicy | None = None, start: str = "2026-01-01T00:00"
) -> Recurrence:
    return Recurrence(rule, dtstart=local(start), timezone=timezone, dst_policy=policy or DstPolicy())


@pytest.mark.parametrize("kind", ["rrule", "cron"])
@pytest.mark.parametrize(("zone", "first", "second"), CHANGES)
def test_nine_stays_nine_across_both_changes(kind: str, zone: str, first: str, second: str) -> None:
    schedule: Schedule = (
        recurrence("FREQ=DAILY;BYHOUR=9", zone) if kind == "rrule" else Cron("0 9 * * *", timezone=zone)
    )

    for start in (first, second):
        instants = schedule.after(utc(start), 6)
        assert {instant.strftime("%H:%M") for instant in instants} == {"09:00"}
        assert len({instant.date() for instant in instants}) == 6
        assert len({instant.utcoffset() for instant in instants}) == 2


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("rfc", "2026-03-08T03:30-04:00"), ("next_valid", "2026-03-08T03:00-04:00"), ("skip", "2026-03-09T02:30-04:00")],
)
def test_a_time_in_a_gap_follows_the_policy(policy: str, expected: str) -> None:
    schedule = recurrence("FREQ=DAILY;BYHOUR=2;BYMINUTE=30", policy=DstPolicy.parse(policy))

    assert shown(schedule.after(utc("2026-03-07T12:00"))) == [expected]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("first", ["2026-11-01T01:30-04:00"]),
        ("second", ["2026-11-01T01:30-05:00"]),
        ("both", ["2026-11-01T01:30-04:00", "2026-11-01T01:30-05:00"]),
    ],
)
def test_a_time_in_a_fold_follows_the_policy(policy: str, expected: list[str]) -> None:
    schedule = recurrence("FREQ=DAILY;BYHOUR=1;BYMINUTE=30", policy=DstPolicy.parse(policy))

    assert shown(schedule.between(utc("2026-11-01T00:00"), utc("2026-11-02T00:00"))) == expected


def test_an_instant_shifted_out_of_a_gap_takes_its_place_in_the_order() -> None:
    schedule = recurrence("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30,45")

    instants = schedule.between(utc("2026-03-08T00:00"), utc("2026-03-09T00:00"))

    assert shown(instants) == ["2026-03-08T03:00-04:00", "2026-03-08T03:30-04:00", "2026-03-08T03:45-04:00"]


def test_both_readings_of_a_fold_interleave_in_order() -> None:
    schedule = recurrence("FREQ=DAILY;BYHOUR=1;BYMINUTE=0,30", policy=DstPolicy(fold="both"))

    instants = schedule.between(utc("2026-11-01T00:00"), utc("2026-11-02T00:00"))

    assert [instant.utctimetuple()[3:5] for instant in instants] == [(5, 0), (5, 30), (6, 0), (6, 30)]


@pytest.mark.parametrize("after", ["2026-03-08T07:00", "2026-03-08T07:10", "2026-03-08T07:29"])
def test_a_shifted_instant_is_found_from_inside_the_hour_it_was_shifted_to(after: str) -> None:
    assert shown(recurrence("FREQ=DAILY;BYHOUR=2;BYMINUTE=30").after(utc(after))) == ["2026-03-08T03:30-04:00"]


@pytest.mark.parametrize(
    "zone", ["Pacific/Apia", "America/Havana", "Africa/Casablanca", "Antarctica/Troll", "Europe/Dublin"]
)
@pytest.mark.parametrize("policy", ["rfc, both", "next_valid, second", "skip, first"])
def test_asking_step_by_step_gives_the_same_as_asking_at_once(zone: str, policy: str) -> None:
    schedule = recurrence(
        "FREQ=DAILY;INTERVAL=1;BYHOUR=0,1,2,3;BYMINUTE=0,30", zone, policy=DstPolicy.parse(policy), start="2010-01-01"
    )
    moment, end = utc("2011-03-01"), utc("2012-01-05")
    # In UTC: Python holds an ambiguous time unequal to every time of another zone.
    at_once = [instant.astimezone(UTC) for instant in schedule.between(moment, end)]

    one_by_one = []
    while (moment := schedule.after(moment)[0].astimezone(UTC)) <= end:
        one_by_one.append(moment)

    assert one_by_one == at_once
    assert at_once == sorted(set(at_once))


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-06-01", 24)])
def test_an_hourly_rule_fires_once_an_elapsed_hour(day: str, hours: int) -> None:
    instants = recurrence("FREQ=HOURLY").between(utc(f"{day}T00:00"), utc(f"{day}T23:59").replace(day=utc(day).day + 1))

    assert len([instant for instant in instants if instant.date() == local(day).date()]) == hours


def test_a_walled_hourly_rule_reads_the_clock() -> None:
    schedule = recurrence("FREQ=HOURLY;INTERVAL=2", policy=DstPolicy(subdaily="wall"))

    assert readings(schedule, "2026-03-08T04:30", 3) == ["2026-03-08 00:00", "2026-03-08 03:00", "2026-03-08 04:00"]


def test_count_is_exact_for_a_walled_rule() -> None:
    schedule = recurrence("FREQ=HOURLY;INTERVAL=2;COUNT=3", policy=DstPolicy(subdaily="wall"), start="2026-03-08T00:00")

    assert readings(schedule, "2026-01-01", 9) == ["2026-03-08 00:00", "2026-03-08 03:00", "2026-03-08 04:00"]


def test_readings_of_an_elapsed_rule_follow_a_half_hour_change() -> None:
    schedule = recurrence("FREQ=HOURLY;BYMINUTE=0,45", "Australia/Lord_Howe")

    assert readings(schedule, "2026-04-04T14:20", 5) == [
        "2026-04-05 01:45",
        "2026-04-05 01:45",
        "2026-04-05 02:00",
        "2026-04-05 02:45",
        "2026-04-05 03:00",
    ]


def test_an_elapsed_rule_of_minutes_reads_the_repeated_half_hour() -> None:
    schedule = recurrence("FREQ=MINUTELY;BYMINUTE=45", "Australia/Lord_Howe")

    assert readings(schedule, "2026-04-04T14:46", 2) == ["2026-04-05 01:45", "2026-04-05 02:45"]


@pytest.mark.parametrize("rule", ["FREQ=MINUTELY;BYHOUR=4;BYMINUTE=0", "FREQ=SECONDLY;BYHOUR=4;BYMINUTE=0;BYSECOND=0"])
def test_an_elapsed_rule_leaps_over_a_gap_without_missing_the_reading_behind_it(rule: str) -> None:
    assert readings(recurrence(rule), "2026-03-08T05:00", 2) == ["2026-03-08 04:00", "2026-03-09 04:00"]


@pytest.mark.parametrize(
    "parts",
    [
        {"FREQ": "HOURLY", "INTERVAL": "49", "BYHOUR": "9", "BYMINUTE": "0"},
        {"FREQ": "HOURLY", "INTERVAL": "25", "BYHOUR": "9", "BYMINUTE": "15,45", "BYDAY": "MO"},
    ],
)
def test_an_elapsed_hour_that_begins_at_half_past_is_found_by_what_is_read_in_it(parts: dict[str, str]) -> None:
    case = Case([parts], local("2026-01-01T00:00"), "Australia/Lord_Howe")

    found = recurrence_of(case).between(utc("2026-04-10"), utc("2028-01-01"))

    assert len(found) > 2
    assert [instant.astimezone(UTC) for instant in found] == instants(case, utc("2026-04-10"), utc("2028-01-01"))


def test_a_skipped_gap_does_not_use_up_the_count() -> None:
    schedule = recurrence("FREQ=DAILY;COUNT=2", policy=DstPolicy(gap="skip"), start="2026-03-07T02:30")

    assert readings(schedule, "2026-01-01", 9) == ["2026-03-07 02:30", "2026-03-09 02:30"]


def test_a_local_until_in_a_fold_includes_both_readings() -> None:
    schedule = recurrence(
        "FREQ=DAILY;BYHOUR=1;UNTIL=20261101T013000", policy=DstPolicy(fold="both"), start="2026-10-31T00:30"
    )

    assert shown(schedule.after(utc("2026-11-01T00:00"), 9)) == ["2026-11-01T01:30-04:00", "2026-11-01T01:30-05:00"]


def test_a_policy_is_read_from_its_words() -> None:
    assert DstPolicy.parse("") == DstPolicy()
    assert DstPolicy.parse("skip, both,wall") == DstPolicy("skip", "both", "wall")
    with pytest.raises(InvalidSchedule, match="not a DST policy") as refused:
        DstPolicy.parse("forward")
    assert refused.value.part == "dst_policy"
