"""When a cron expression is due."""

from unittest.mock import patch

import pytest
from cronsim import CronSim

from schedules import Cron, DstPolicy, InvalidSchedule
from tests.unit.schedules.moments import readings, shown, utc


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("30 9 * * *", ["2026-01-01 09:30", "2026-01-02 09:30"]),
        ("*/20 9 * * *", ["2026-01-01 09:00", "2026-01-01 09:20"]),
        ("0 9 * * 0", ["2026-01-04 09:00", "2026-01-11 09:00"]),
        ("0 9 * * 7", ["2026-01-04 09:00", "2026-01-11 09:00"]),
        ("0 9 * * mon-fri", ["2026-01-01 09:00", "2026-01-02 09:00"]),
        ("0 9 * JAN,feb SAT", ["2026-01-03 09:00", "2026-01-10 09:00"]),
        ("0 9 13 * FRI", ["2026-01-02 09:00", "2026-01-09 09:00"]),
        ("0 9 13 * 5-6", ["2026-01-02 09:00", "2026-01-03 09:00"]),
        ("0 9 */10 * MON", ["2026-05-11 09:00", "2026-06-01 09:00"]),
        ("0 9 13 * */6", ["2026-06-13 09:00", "2026-09-13 09:00"]),
        ("0 9 1,*/10 * MON", ["2026-01-01 09:00", "2026-01-05 09:00"]),
        ("0 9 * * 5-7", ["2026-01-02 09:00", "2026-01-03 09:00"]),
        ("5-5/2 9 * * MON-mon/3", ["2026-01-05 09:05", "2026-01-12 09:05"]),
        ("0 0 31 4,6 MON", ["2026-04-06 00:00", "2026-04-13 00:00"]),
        ("0 0 29 2 */7", ["2032-02-29 00:00", "2060-02-29 00:00"]),
        ("0 0 29 2 *", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("@hourly", ["2026-01-01 01:00", "2026-01-01 02:00"]),
        ("@Daily", ["2026-01-02 00:00", "2026-01-03 00:00"]),
        ("@weekly", ["2026-01-04 00:00", "2026-01-11 00:00"]),
        ("@monthly", ["2026-02-01 00:00", "2026-03-01 00:00"]),
        ("@yearly", ["2027-01-01 00:00", "2028-01-01 00:00"]),
    ],
)
def test_fields_mean_what_posix_says(expr: str, expected: list[str]) -> None:
    assert readings(Cron(expr, timezone="UTC"), "2026-01-01T00:00", 2) == expected


@pytest.mark.parametrize(
    ("expr", "reason"),
    [
        ("0 0 9 * * *", "six fields"),
        ("0 9 * *", "five fields, not 4"),
        ("", "five fields, not 0"),
        ("0 9 ? * *", "Quartz"),
        ("0 9 15W * *", "not POSIX"),
        ("0 9 L * *", "BYMONTHDAY=-1"),
        ("0 9 * * 5L", "BYMONTHDAY=-1"),
        ("0 9 * * MON#2", "BYDAY=2MO"),
        ("0 9 * * MONL", "BYMONTHDAY=-1"),
        ("0 9 LW * *", "BYMONTHDAY=-1"),
        ("0 9 * * WEDNESDAY", "day of week (0-7 or SUN-SAT)"),
        ("0 9 * JULY *", "month (1-12 or JAN-DEC)"),
        ("0 9 * * SAT-SUN", "ranges upwards"),
        ("*/ 9 * * *", "minute (0-59)"),
        ("1--2 9 * * *", "minute (0-59)"),
        (",1 9 * * *", "minute (0-59)"),
        ("-1 9 * * *", "minute (0-59)"),
        ("\u0661 9 * * *", "minute (0-59)"),
        ("0 0 30 2 */2", "never occurs"),
        ("@reboot", "@reboot is no time"),
        ("@often", "is not known"),
        ("60 9 * * *", "minute (0-59)"),
        ("0 24 * * *", "hour (0-23)"),
        ("0 9 0 * *", "day of month (1-31)"),
        ("0 9 * 13 *", "month (1-12 or JAN-DEC)"),
        ("0 9 * * FOO", "day of week (0-7 or SUN-SAT)"),
        ("*/0 9 * * *", "minute (0-59)"),
        ("0 0 30 2 *", "never occurs"),
        ("0 0 31 4,6 *", "never occurs"),
        ("0," * 300 + "0 * * * *", "at most 500"),
    ],
)
def test_what_is_not_posix_cron_is_refused_with_the_reason(expr: str, reason: str) -> None:
    with pytest.raises(InvalidSchedule) as refused:
        Cron(expr, timezone="UTC")

    assert refused.value.part == "schedule_expr"
    assert reason in refused.value.message


def test_a_fixed_time_in_a_gap_runs_right_after_it_and_once() -> None:
    schedule = Cron("30 2 * * *", timezone="America/New_York")

    assert shown(schedule.after(utc("2026-03-08T05:00"), 2)) == ["2026-03-08T03:00-04:00", "2026-03-09T02:30-04:00"]


@pytest.mark.parametrize("after", ["2026-11-01T05:30", "2026-11-01T05:50", "2026-11-01T06:10", "2026-11-01T06:30"])
def test_a_fixed_time_in_a_fold_runs_once(after: str) -> None:
    schedule = Cron("30 1 * * *", timezone="America/New_York")

    assert shown(schedule.after(utc("2026-11-01T05:00"))) == ["2026-11-01T01:30-04:00"]
    assert shown(schedule.after(utc(after))) == ["2026-11-02T01:30-05:00"]


def test_a_wildcard_follows_real_time_through_gap_and_fold() -> None:
    schedule = Cron("*/30 * * * *", timezone="America/New_York")

    assert len(schedule.between(utc("2026-03-08T05:00"), utc("2026-03-09T04:00"))) == 46
    assert len(schedule.between(utc("2026-11-01T04:00"), utc("2026-11-02T05:00"))) == 50


def test_a_wildcard_survives_a_gap_at_midnight() -> None:
    schedule = Cron("*/30 * * * *", timezone="America/Havana")

    assert shown(schedule.after(utc("2026-03-08T04:30"), 3)) == [
        "2026-03-08T01:00-04:00",
        "2026-03-08T01:30-04:00",
        "2026-03-08T02:00-04:00",
    ]


def test_a_wildcard_follows_real_time_through_half_an_hour() -> None:
    schedule = Cron("45 * * * *", timezone="Australia/Lord_Howe")

    assert shown(schedule.after(utc("2026-04-04T14:30"), 3)) == [
        "2026-04-05T01:45+11:00",
        "2026-04-05T01:45+10:30",
        "2026-04-05T02:45+10:30",
    ]


def test_a_policy_replaces_debians_rules_for_fixed_times() -> None:
    schedule = Cron("30 1 * * *", timezone="America/New_York", dst_policy=DstPolicy(fold="both"))

    assert len(schedule.between(utc("2026-11-01T00:00"), utc("2026-11-02T00:00"))) == 2


def test_parts_of_a_second_do_not_hide_or_repeat_an_instant() -> None:
    schedule = Cron("* * * * *", timezone="UTC")

    assert schedule.after(utc("2026-01-01T00:00:59.999")) == [utc("2026-01-01T00:01")]
    assert schedule.after(utc("2026-01-01T00:01:00.001")) == [utc("2026-01-01T00:02")]


@pytest.mark.parametrize(
    "expr",
    ["0 0 29 2 */7", "0 0 29 2 1", "59 23 31 */12 */6", "0 0 31 4,6 0", ",".join(["0-59/1"] * 60) + " 23 29 2 */5"],
)
def test_a_rare_day_is_found_in_few_steps(expr: str) -> None:
    with patch.object(CronSim, "match_day", autospec=True, side_effect=CronSim.match_day) as judged:
        assert Cron(expr, timezone="America/Havana").after(utc("2073-01-01"))

    assert judged.call_count <= 3000


@pytest.mark.parametrize(
    ("expr", "zone", "left"),
    [
        ("* * * * *", "Pacific/Pago_Pago", 899),
        ("* * * * *", "Pacific/Kiritimati", 0),
        ("30 9 * * *", "Pacific/Pago_Pago", 1),
        ("0 0 29 2 */7", "UTC", 0),
    ],
)
def test_no_instant_lies_beyond_the_calendar(expr: str, zone: str, left: int) -> None:
    schedule = Cron(expr, timezone=zone)

    assert len(schedule.after(utc("9989-12-31T20:00"), 2000)) == left
    assert schedule.after(utc("9999-12-31T23:59:59")) == []


def test_equal_expressions_are_equal_schedules() -> None:
    assert Cron("@daily", timezone="UTC") == Cron(" 0 0  * * * ", timezone="UTC")
    assert hash(Cron("@daily", timezone="UTC")) == hash(Cron("0 0 * * *", timezone="UTC"))
    assert Cron("@daily", timezone="UTC") != Cron("@daily", timezone="Europe/Paris")
    assert Cron("@daily", timezone="UTC") != 1
    assert repr(Cron("@daily", timezone="UTC")) == "Cron('0 0 * * *', timezone='UTC')"
