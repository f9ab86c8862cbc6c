"""Which schedule a task's fields make."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from schedules import Cron, DstPolicy, Interval, InvalidSchedule, Never, Once, Recurrence, Schedule, parse_schedule
from tests.unit.schedules.moments import local, shown, utc

EXAMPLES = json.loads((Path(__file__).parents[2] / "data" / "schedules.json").read_text())
START = local("2026-01-01T00:00")


def parsed(
    kind: str, expr: str, *, timezone: str = "Europe/Chisinau", dtstart: datetime | str | None = START, policy: str = ""
) -> Schedule:
    return parse_schedule(kind, expr, timezone=timezone, dtstart=dtstart, dst_policy=policy)


@pytest.mark.parametrize(
    ("kind", "expr", "made"),
    [
        ("rrule", "FREQ=DAILY", Recurrence("FREQ=DAILY", dtstart=START, timezone="Europe/Chisinau")),
        ("cron", "@daily", Cron("@daily", timezone="Europe/Chisinau")),
        ("interval", "PT1H", Interval("PT1H", anchor=START.replace(tzinfo=ZoneInfo("Europe/Chisinau")))),
        ("once", "2026-05-01T09:00", Once("2026-05-01T09:00", timezone="Europe/Chisinau")),
        ("event", "orders.*", Never()),
        ("condition", "probe.temperature > 25", Never()),
        ("manual", "", Never()),
    ],
)
def test_each_kind_makes_its_schedule(kind: str, expr: str, made: Schedule) -> None:
    schedule = parsed(kind, expr)

    assert schedule == made
    assert hash(schedule) == hash(made)
    assert repr(schedule) == repr(made)
    assert schedule != object()
    assert isinstance(schedule, Schedule)


def test_equal_fields_share_one_schedule() -> None:
    assert parsed("rrule", "FREQ=DAILY") is parsed("rrule", "FREQ=DAILY")


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["note"] for example in EXAMPLES])
def test_what_users_bring_is_accepted(example: dict[str, str]) -> None:
    schedule = parsed("rrule", example["rrule"], dtstart=example.get("dtstart", START))

    assert len(schedule.after(utc("2026-01-01"), 5)) == 5


def test_the_two_holidays_of_the_example_are_left_out() -> None:
    [text] = [example["rrule"] for example in EXAMPLES if "EXDATE" in example["rrule"]]

    days = [instant.day for instant in parsed("rrule", text, timezone="UTC").after(utc("2026-01-01"), 7)]

    assert days == [2, 3, 4, 5, 6, 8, 9]


@pytest.mark.parametrize(
    ("kind", "expr", "more", "part"),
    [
        ("lunar", "a.b", {}, "schedule_kind"),
        ("event", "", {}, "schedule_expr"),
        ("event", "a.*.b", {}, "schedule_expr"),
        ("condition", " ", {}, "schedule_expr"),
        ("rrule", "FREQ=DAILY;INTERVAL=0", {}, "schedule_expr"),
        ("rrule", "FREQ=DAILY", {"dtstart": None}, "dtstart"),
        ("rrule", "FREQ=DAILY", {"dtstart": "yesterday"}, "dtstart"),
        ("rrule", "FREQ=DAILY", {"dtstart": "2026-01-01T00:00Z"}, "dtstart"),
        ("rrule", "FREQ=DAILY", {"timezone": "Bogus/Zone", "dtstart": ""}, "timezone"),
        ("rrule", "FREQ=DAILY", {"policy": "sometimes"}, "dst_policy"),
        ("interval", "PT1H", {"dtstart": ""}, "dtstart"),
        ("interval", "PT1H", {"dtstart": "0001-01-01"}, "dtstart"),
        ("cron", "* * * *", {}, "schedule_expr"),
        ("once", "soon", {}, "schedule_expr"),
        ("manual", "now", {}, "schedule_expr"),
    ],
)
def test_the_field_at_fault_is_named(kind: str, expr: str, more: dict[str, str], part: str) -> None:
    with pytest.raises(InvalidSchedule) as refused:
        parsed(kind, expr, **more)

    assert refused.value.part == part
    assert str(refused.value) == refused.value.message


@pytest.mark.parametrize(
    "name",
    [
        "",
        "europe/chisinau",
        "../../etc/passwd",
        "/etc/localtime",
        "America",
        "posixrules",
        "Factory",
        "UTC\0",
        "x" * 999,
    ],
)
def test_only_an_exact_iana_name_is_a_zone(name: str) -> None:
    with pytest.raises(InvalidSchedule, match="not an IANA time zone") as refused:
        parsed("cron", "@daily", timezone=name)

    assert refused.value.part == "timezone"


def test_zone_rules_come_from_the_pinned_package() -> None:
    assert shown(parsed("cron", "30 3 * * *").after(utc("2026-03-28T12:00"))) == ["2026-03-29T04:00+03:00"]


def test_an_interval_counts_real_time_from_its_anchor() -> None:
    schedule = parsed("interval", "P1DT12H", timezone="America/New_York", dtstart="2026-03-07T00:00")

    assert shown(schedule.after(utc("2026-01-01"), 3)) == [
        "2026-03-07T00:00-05:00",
        "2026-03-08T13:00-04:00",
        "2026-03-10T01:00-04:00",
    ]
    assert schedule.after(utc("2026-03-07T05:00"))[0] == utc("2026-03-08T17:00")
    assert schedule.after(utc("9995-01-01")) == []


@pytest.mark.parametrize(
    ("expr", "seconds"), [("PT1S", 1), ("P2W", 1_209_600), ("P1DT2H3M4S", 93_784), ("pt90m", 5400), ("P1WT1H", 608_400)]
)
def test_durations_of_fixed_length_are_intervals(expr: str, seconds: int) -> None:
    assert Interval(expr, anchor=utc("2026-01-01")).every == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("expr", "reason"),
    [
        ("P1M", "use an RRULE"),
        ("P1Y2D", "use an RRULE"),
        ("P", "not an ISO 8601 duration"),
        ("PT", "not an ISO 8601 duration"),
        ("P1DT", "not an ISO 8601 duration"),
        ("PT1.5S", "not an ISO 8601 duration"),
        ("15m", "'15m' is not an ISO 8601 duration"),
        ("PT0S", "at least 1 second"),
        ("P99999D", "at most 100 years"),
        ("P" + "9" * 30 + "D", "at most 100 years"),
    ],
)
def test_other_durations_are_refused_with_the_cure(expr: str, reason: str) -> None:
    with pytest.raises(InvalidSchedule, match=reason):
        Interval(expr, anchor=utc("2026-01-01"))


def test_an_intervals_anchor_must_be_aware() -> None:
    with pytest.raises(InvalidSchedule, match="must be aware"):
        Interval("PT1H", anchor=START)


@pytest.mark.parametrize(
    ("expr", "instant"),
    [
        ("2026-07-01T09:00", "2026-07-01T06:00"),
        ("2026-07-01 09:00:30", "2026-07-01T06:00:30"),
        ("2026-07-01t09:00z", "2026-07-01T09:00"),
        ("2026-07-01T09:00:00.5-04:00", "2026-07-01T13:00:00.5"),
        ("2026-03-29T03:30", "2026-03-29T01:30"),
    ],
)
def test_once_is_read_in_the_zone_unless_it_has_an_offset(expr: str, instant: str) -> None:
    schedule = Once(expr, timezone="Europe/Chisinau")

    assert schedule.after(utc("2020-01-01"), 5) == [utc(instant)]
    assert schedule.after(utc(instant)) == []


@pytest.mark.parametrize(
    "expr", ["2026-07-01", "2026-13-01T00:00", "20260701T090000", "now", "0001-01-01T00:00", "9999-12-31T23:59-23:59"]
)
def test_an_impossible_or_partial_instant_is_refused(expr: str) -> None:
    with pytest.raises(InvalidSchedule):
        Once(expr, timezone="Europe/Chisinau")


def test_a_manual_task_is_never_due() -> None:
    assert Never().after(utc("2026-01-01")) == []


@pytest.mark.parametrize(
    ("words", "policy"),
    [
        ("both", DstPolicy(gap="next_valid", fold="both")),
        ("rfc", DstPolicy(gap="rfc", fold="first")),
        ("", DstPolicy(gap="next_valid", fold="first")),
    ],
)
def test_what_the_words_leave_out_is_as_cron_has_it(words: str, policy: DstPolicy) -> None:
    cron = parse_schedule("cron", "30 2 * * *", timezone="America/New_York", dst_policy=words)

    assert cron.dst_policy == policy
