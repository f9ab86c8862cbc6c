"""What something that happens now is to a task, whatever its schedule."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from schedules import Never
from schedules.calendars import parse_calendar
from schedules.occurrence import Occurrence
from schedules.quiet_hours import QuietHours
from schedules.timing import Timing

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOKYO = ZoneInfo("Asia/Tokyo")


def timing(**fields: Any) -> Timing:
    return Timing(**({"schedule": Never(), "zone": ZoneInfo("UTC")} | fields))


def test_it_begins_at_once() -> None:
    assert timing().occurrence_at(NOON.astimezone(TOKYO)) == Occurrence(NOON, NOON)


def test_outside_of_the_bounds_it_is_nothing_and_on_them_it_is() -> None:
    bounded = timing(starts_at=NOON, ends_at=NOON + HOUR)

    assert bounded.occurrence_at(NOON - timedelta(microseconds=1)) is None
    assert bounded.occurrence_at(NOON) is not None
    assert bounded.occurrence_at(NOON + HOUR) is not None
    assert bounded.occurrence_at(NOON + HOUR + timedelta(microseconds=1)) is None


def test_on_a_day_of_the_calendar_it_is_withheld_by_the_zones_own_date() -> None:
    may_day = parse_calendar({"dates": [date(2026, 5, 1).isoformat()]})
    late = datetime(2026, 5, 1, 20, tzinfo=UTC)

    withheld = timing(calendar=may_day).occurrence_at(late)

    assert withheld is not None
    assert withheld.withheld == "holiday"
    assert timing(calendar=may_day, zone=TOKYO).occurrence_at(late) == Occurrence(late, late)


def test_jitter_delays_it_by_the_tasks_own_share() -> None:
    assert timing(jitter=HOUR, spread=0.25).occurrence_at(NOON) == Occurrence(NOON, NOON + HOUR / 4)


def test_in_quiet_hours_each_one_waits_for_their_end() -> None:
    quiet = timing(quiet_hours=QuietHours.parse([{"from": "11:00", "to": "14:00"}]))

    for at in (NOON, NOON + HOUR):
        assert quiet.occurrence_at(at) == Occurrence(at, NOON + 2 * HOUR)
    assert quiet.occurrence_at(NOON + 2 * HOUR) == Occurrence(NOON + 2 * HOUR, NOON + 2 * HOUR)


def test_jitter_may_lead_into_quiet_hours() -> None:
    quiet = QuietHours.parse([{"from": "12:10", "to": "14:00"}])

    found = timing(jitter=HOUR, spread=0.25, quiet_hours=quiet).occurrence_at(NOON)

    assert found == Occurrence(NOON, NOON + 2 * HOUR)
