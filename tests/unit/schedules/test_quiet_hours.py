"""Quiet hours are windows of local time; what begins in one waits for its end."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schedules.errors import InvalidSchedule
from schedules.quiet_hours import NO_QUIET_HOURS, QuietHours
from schedules.zones import zone

BERLIN: ZoneInfo = zone("Europe/Berlin")
NIGHT = [{"from": "22:00", "to": "07:00"}]


def end(windows: list[dict[str, Any]], local: str, where: ZoneInfo = BERLIN) -> str | None:
    """The end of the window that a local time lies in, in UTC."""
    moment = datetime.fromisoformat(local).replace(tzinfo=where)
    found = QuietHours.parse(windows).end_after(moment, zone=where)
    return found and found.astimezone(UTC).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-01-10T21:59:59", None),
        ("2026-01-10T22:00", "2026-01-11T06:00+00:00"),
        ("2026-01-11T03:00", "2026-01-11T06:00+00:00"),
        ("2026-01-11T06:59:59", "2026-01-11T06:00+00:00"),
        ("2026-01-11T07:00", None),
    ],
)
def test_a_window_over_midnight_holds_from_its_begin_until_just_before_its_end(
    local: str, expected: str | None
) -> None:
    assert end(NIGHT, local) == expected


def test_days_are_those_on_which_a_window_begins() -> None:
    friday_night = [{"from": "22:00", "to": "07:00", "days": ["FR"]}]

    assert end(friday_night, "2026-01-09T23:00") == "2026-01-10T06:00+00:00"
    assert end(friday_night, "2026-01-10T06:00") == "2026-01-10T06:00+00:00"
    assert end(friday_night, "2026-01-10T23:00") is None


def test_adjoining_windows_are_one() -> None:
    weekend = [{"from": "18:00", "to": "00:00", "days": ["FR"]}, {"from": "00:00", "to": "08:00", "days": ["SA"]}]

    assert end(weekend, "2026-01-09T19:00") == "2026-01-10T07:00+00:00"


def test_the_end_follows_the_clock_when_it_changes_in_the_night() -> None:
    assert end(NIGHT, "2026-03-28T23:00") == "2026-03-29T05:00+00:00"
    assert end(NIGHT, "2026-10-24T23:00") == "2026-10-25T06:00+00:00"


def test_an_end_that_does_not_exist_is_the_first_instant_after_the_gap() -> None:
    assert end([{"from": "01:00", "to": "02:30"}], "2026-03-29T01:30") == "2026-03-29T01:00+00:00"


def test_an_end_that_happens_twice_is_the_second_one() -> None:
    assert end([{"from": "01:00", "to": "02:30"}], "2026-10-25T01:30") == "2026-10-25T01:30+00:00"


def test_a_chain_of_windows_over_the_end_of_the_week_ends_with_its_last() -> None:
    chain = [
        {"from": "12:00", "to": "06:00", "days": ["SA", "SU"]},
        {"from": "05:00", "to": "12:00", "days": ["SU"]},
        {"from": "06:00", "to": "09:00", "days": ["MO"]},
    ]

    for local in ("2026-01-10T12:00", "2026-01-11T05:30", "2026-01-11T23:00", "2026-01-12T06:00"):
        assert end(chain, local) == "2026-01-12T08:00+00:00"
    assert end(chain, "2026-01-12T09:00") is None
    assert end(chain, "2026-01-10T11:59") is None


def test_windows_without_end_but_for_a_minute_cost_nothing_to_ask() -> None:
    """A thousand instants within them are looked at in one tick."""
    clock = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(0, 1440, 76)] + ["00:00"]
    windows: list[dict[str, Any]] = [{"from": begin, "to": later} for begin, later in pairwise(clock)]
    windows[-1]["days"] = ["MO", "TU", "WE", "TH", "FR", "SA"]
    moment = datetime(2026, 1, 12, 0, 1, tzinfo=UTC)
    quiet = QuietHours.parse(windows)

    begun = perf_counter()
    for seconds in range(1000):
        quiet.end_after(moment + timedelta(seconds=seconds), zone=BERLIN)

    assert perf_counter() - begun < 0.2  # an order of magnitude above what it takes


def test_no_windows_hold_nothing() -> None:
    assert NO_QUIET_HOURS.end_after(datetime(2026, 1, 1, tzinfo=UTC), zone=BERLIN) is None
    assert QuietHours.parse([]) == NO_QUIET_HOURS


@pytest.mark.parametrize(
    "windows",
    [
        [{"from": "00:00", "to": "12:00"}, {"from": "12:00", "to": "00:00"}],
        [{"from": "00:00", "to": "13:00"}, {"from": "12:00", "to": "01:00"}],
        [{"from": "00:00", "to": "23:59"}, {"from": "23:00", "to": "00:00"}],
    ],
)
def test_windows_that_leave_no_time_are_refused(windows: list[dict[str, str]]) -> None:
    with pytest.raises(InvalidSchedule, match="no time"):
        QuietHours.parse(windows)


def test_windows_that_leave_one_minute_of_a_week_are_taken() -> None:
    almost = [{"from": "00:00", "to": "12:00"}, {"from": "12:01", "to": "00:00"}]

    assert end(almost, "2026-01-10T12:00") is None


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("22:00-07:00", "list"),
        ({"from": "22:00"}, "list"),
        ([NIGHT[0]] * 21, "at most 20"),
        (["22:00"], "looks like"),
        ([{"from": "22:00"}], "looks like"),
        ([{"from": "22:00", "to": "07:00", "zone": "UTC"}], "looks like"),
        ([{"from": "22", "to": "07:00"}], "write 22:00"),
        ([{"from": 22, "to": "07:00"}], "write 22:00"),
        ([{"from": "22+01", "to": "07:00"}], "write 22:00"),
        ([{"from": "22:00", "to": "0700Z"}], "write 22:00"),
        ([{"from": "25:00", "to": "07:00"}], "write 22:00"),
        ([{"from": "07:00", "to": "07:00"}], "another time"),
        ([NIGHT[0] | {"days": []}], "list of MO"),
        ([NIGHT[0] | {"days": "MO"}], "list of MO|not a day"),
        ([NIGHT[0] | {"days": [1]}], "list of MO"),
        ([NIGHT[0] | {"days": ["XX"]}], "not a day"),
    ],
)
def test_what_makes_no_window_is_refused_with_the_cure(given: Any, sentence: str) -> None:
    with pytest.raises(InvalidSchedule, match=sentence) as refused:
        QuietHours.parse(given)

    assert refused.value.part == "quiet_hours"
