"""Schedules answer quietly for every moment that the calendar holds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from schedules.cron import Cron
from schedules.parse import parse_schedule
from schedules.series import Schedule

KINDS = [
    ("rrule", "FREQ=DAILY"),
    ("rrule", "FREQ=HOURLY;BYMINUTE=5"),
    ("rrule", "FREQ=SECONDLY;INTERVAL=90"),
    ("rrule", "FREQ=YEARLY;BYWEEKNO=53"),
    ("cron", "30 2 * * *"),
    ("cron", "*/5 * * * *"),
    ("interval", "P1D"),
    ("once", "2026-03-01T09:00"),
]
PLACES = ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"]


@pytest.fixture(params=[(*kind, place) for kind in KINDS for place in PLACES], ids="-".join)
def schedule(request: pytest.FixtureRequest) -> Schedule:
    kind, expr, place = request.param
    return parse_schedule(kind, expr, timezone=place, dtstart="2026-01-01T00:00:00")


@pytest.mark.parametrize("hours", [-14, 0, 14])
def test_the_first_moment_of_all_is_before_every_instant(schedule: Schedule, hours: int) -> None:
    beginning = datetime.min.replace(tzinfo=timezone(timedelta(hours=hours)))

    [first] = schedule.after(beginning)

    assert first.astimezone(UTC).year in ({3} if isinstance(schedule, Cron) else {2025, 2026})


@pytest.mark.parametrize("hours", [-14, 0, 14])
def test_the_last_moment_of_all_is_after_every_instant(schedule: Schedule, hours: int) -> None:
    assert schedule.after(datetime.max.replace(tzinfo=timezone(timedelta(hours=hours)))) == []
