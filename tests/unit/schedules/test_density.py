"""How close together the instants of a schedule may be."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from schedules import Cron, DstPolicy, Interval, Never, Once, Recurrence, Schedule, densest_gap
from tests.unit.schedules.brute_force import WEEKDAYS, Case, changes_of, instants
from tests.unit.schedules.moments import local, utc
from tests.unit.schedules.random_cases import ZONES, any_case, case_at_a_change, recurrence_of

NEW_YORK = "America/New_York"


def gap(rule: str, timezone: str = "UTC", policy: str = "") -> str:
    schedule = Recurrence(rule, dtstart=local("2026-01-01"), timezone=timezone, dst_policy=DstPolicy.parse(policy))
    return str(densest_gap(schedule))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0,1", "0:01:00"),
        ("FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0,59", "0:01:00"),
        ("FREQ=DAILY;BYMINUTE=0,1;BYSECOND=0,59", "0:00:01"),
        ("FREQ=MINUTELY;BYSECOND=0,59", "0:00:01"),
        ("FREQ=MINUTELY;INTERVAL=2;BYSECOND=0,59", "0:00:59"),
        ("FREQ=DAILY;BYHOUR=0,23;BYMINUTE=0,50", "0:10:00"),
        ("FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=0,23;BYMINUTE=0,30", "0:30:00"),
        ("FREQ=DAILY;INTERVAL=2;BYHOUR=0,23", "23:00:00"),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=MO", "14 days, 0:00:00"),
        ("FREQ=WEEKLY;BYDAY=MO", "7 days, 0:00:00"),
        ("FREQ=MONTHLY", "28 days, 0:00:00"),
        ("FREQ=YEARLY", "365 days, 0:00:00"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "1461 days, 0:00:00"),
        ("FREQ=HOURLY", "1:00:00"),
        ("FREQ=HOURLY;BYHOUR=9", "1 day, 0:00:00"),
        ("FREQ=HOURLY;INTERVAL=5;BYMINUTE=0,59", "0:59:00"),
        ("FREQ=HOURLY;INTERVAL=25;BYHOUR=9", "25 days, 0:00:00"),
        ("FREQ=HOURLY;BYMINUTE=0,1,2;BYSETPOS=1", "1:00:00"),
        ("FREQ=HOURLY;BYMINUTE=0,1,2;BYSETPOS=1,-1", "0:02:00"),
        ("FREQ=MINUTELY;INTERVAL=7", "0:07:00"),
        ("FREQ=MINUTELY;INTERVAL=7;BYHOUR=9", "0:07:00"),
        ("FREQ=SECONDLY;INTERVAL=86399", "23:59:59"),
        ("FREQ=DAILY;BYHOUR=9,10;BYSETPOS=1", "1 day, 0:00:00"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYHOUR=9,10;BYSETPOS=1,2", "1:00:00"),
        ("RRULE:FREQ=DAILY;BYHOUR=9\nRRULE:FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=5", "0:05:00"),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO;BYHOUR=23\nRRULE:FREQ=WEEKLY;BYDAY=TU;BYHOUR=1", "2:00:00"),
        ("RRULE:FREQ=DAILY;BYHOUR=9\nRRULE:FREQ=DAILY;BYHOUR=9", "1 day, 0:00:00"),
        ("RRULE:FREQ=DAILY;BYHOUR=9\nRDATE:20260303T090200", "0:02:00"),
        ("RRULE:FREQ=DAILY;BYHOUR=9\nRDATE:20260303T090000", "1 day, 0:00:00"),
        ("RDATE:20260303T090000,20260303T090030", "0:00:30"),
        ("FREQ=HOURLY;COUNT=2", "1:00:00"),
        ("FREQ=DAILY;BYHOUR=0,1;UNTIL=20260101T003000", "None"),
        ("FREQ=DAILY;COUNT=1", "None"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "None"),
        ("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "None"),
        ("FREQ=HOURLY;INTERVAL=5;BYMONTH=2;BYMONTHDAY=30", "None"),
        ("FREQ=DAILY;BYSECOND=60", "None"),
    ],
)
def test_the_smallest_distance_is_found_wherever_it_lies(rule: str, expected: str) -> None:
    assert gap(rule) == expected


@pytest.mark.parametrize(
    ("rule", "policy", "expected"),
    [
        ("FREQ=DAILY;BYHOUR=9", "", "23:00:00"),
        ("FREQ=DAILY;BYHOUR=1,3", "", "1:00:00"),
        ("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,45", "", "0:15:00"),
        ("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=10", "", "1:00:00"),
        ("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=10", "next_valid", "0:10:00"),
        ("FREQ=DAILY;BYHOUR=1;BYMINUTE=0,59", "both", "0:01:00"),
        ("FREQ=DAILY;BYHOUR=1;BYMINUTE=0,59", "first", "0:59:00"),
        ("FREQ=WEEKLY;BYDAY=MO;BYHOUR=1,3", "", "2:00:00"),
        ("FREQ=WEEKLY;BYDAY=SU;BYHOUR=1,3", "", "1:00:00"),
        ("FREQ=HOURLY;INTERVAL=2", "", "2:00:00"),
        ("FREQ=HOURLY;INTERVAL=2", "wall", "1:00:00"),
        # Smaller than the true ones: the INTERVAL does not divide a day; days of two rules are far apart.
        ("FREQ=MINUTELY;INTERVAL=7", "wall", "0:01:00"),
        ("RRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=1MO\nRRULE:FREQ=YEARLY;BYMONTH=7;BYDAY=1MO", "", "30 days, 23:00:00"),
    ],
)
def test_a_change_of_clocks_may_bring_instants_together(rule: str, policy: str, expected: str) -> None:
    assert gap(rule, NEW_YORK, policy) == expected


def test_a_period_that_begins_in_the_midst_of_an_hour_is_judged_by_its_readings() -> None:
    assert gap("FREQ=HOURLY;INTERVAL=5;BYMINUTE=0,10", "Australia/Lord_Howe") == "0:10:00"


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Interval("PT90S", anchor=utc("2026-01-01")), "0:01:30"),
        (Cron("* * * * *", timezone=NEW_YORK), "0:01:00"),
        (Cron("0,59 * * * *", timezone="UTC"), "0:01:00"),
        (Cron("0 9 * * MON", timezone="UTC"), "7 days, 0:00:00"),
        (Cron("0 9 13 * FRI", timezone="UTC"), "1 day, 0:00:00"),
        (Cron("30 2 * * *", timezone=NEW_YORK), "23:30:00"),
        (Cron("0 0 29 2 *", timezone="UTC"), "1461 days, 0:00:00"),
        (Once("2026-01-01T09:00", timezone="UTC"), "None"),
        (Never(), "None"),
    ],
)
def test_every_kind_of_schedule_has_an_answer(schedule: Schedule, expected: str) -> None:
    assert str(densest_gap(schedule)) == expected


@pytest.mark.no_cover
@pytest.mark.parametrize("part", range(4))
def test_no_two_instants_of_brute_force_are_closer(part: int) -> None:
    for seed in range(part, 80, 4):
        for found in (any_case(seed), case_at_a_change(seed, ZONES[seed * 7 % len(ZONES)])):
            if found is not None:
                case, _begin, _end = found
                true = min((later - earlier for earlier, later in pairwise(instants(*found))), default=None)
                answer = densest_gap(recurrence_of(case))
                assert true is None or (answer is not None and answer <= true), case


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(24))
def test_the_answer_is_the_true_minimum_around_all_changes(seed: int) -> None:
    rng = random.Random(seed)
    zone = rng.choice([NEW_YORK, "Australia/Lord_Howe", "Europe/Dublin", "Africa/Casablanca", "Pacific/Apia", "UTC"])
    rule = {"FREQ": rng.choice(["DAILY", "WEEKLY", "HOURLY"])}
    rule["BYDAY"] = ",".join(rng.sample(WEEKDAYS, rng.choice([2, 5, 7])))
    rule["BYHOUR"] = ",".join(map(str, rng.sample(range(24), rng.choice([1, 2, 6]))))
    rule["BYMINUTE"] = ",".join(map(str, rng.sample(range(60), rng.choice([1, 2, 4]))))
    case = Case([rule], datetime(1970, 1, 1), zone, fold=rng.choice(["first", "second", "both"]))  # noqa: DTZ001
    case.gap, case.subdaily = rng.choice(["rfc", "next_valid", "skip"]), rng.choice(["elapsed", "wall"])
    schedule = recurrence_of(case)

    closest = min(
        later - earlier
        for middle in [datetime(2026, 6, 1, tzinfo=UTC), *_changes(zone)]
        for earlier, later in pairwise(schedule.between(middle - timedelta(days=12), middle + timedelta(days=12)))
        for earlier, later in [(earlier.astimezone(UTC), later.astimezone(UTC))]
    )

    answer = densest_gap(schedule)
    assert answer == closest if closest < timedelta(days=1) else answer is not None and answer <= closest, case


def _changes(zone: str) -> list[datetime]:
    every = [at for year in range(1970, 2102) for at, _, _ in changes_of(zone, year)]
    return [datetime(1, 1, 1, tzinfo=UTC) + timedelta(seconds=at - 86_400) for at in every]
