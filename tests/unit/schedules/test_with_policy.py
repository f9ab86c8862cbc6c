"""One schedule asked under several DST policies."""

import pytest

from schedules import Cron, DstPolicy, Interval, Never, Once, Recurrence, Schedule
from tests.unit.schedules.moments import local, shown, utc

GAP = utc("2026-03-08T05:00")


@pytest.mark.parametrize(
    "schedule",
    [
        Recurrence("FREQ=DAILY;BYHOUR=2;BYMINUTE=30", dtstart=local("2026-01-01"), timezone="America/New_York"),
        Cron("30 2 * * *", timezone="America/New_York"),
    ],
)
def test_a_schedule_of_local_times_answers_under_each_policy(schedule: Recurrence | Cron) -> None:
    own, before = schedule.dst_policy, schedule.after(GAP)

    moved = schedule.with_policy(DstPolicy("rfc"))
    skipped = moved.with_policy(DstPolicy("skip"))

    assert shown(moved.after(GAP)) == ["2026-03-08T03:30-04:00"]
    assert shown(skipped.after(GAP)) == ["2026-03-09T02:30-04:00"]
    assert skipped.dst_policy == DstPolicy("skip")
    assert skipped != moved
    assert skipped.with_policy(own) == schedule
    assert (schedule.dst_policy, schedule.after(GAP)) == (own, before)


@pytest.mark.parametrize(
    "schedule", [Interval("PT1H", anchor=utc("2026-01-01")), Once("2026-01-01T09:00", timezone="UTC"), Never()]
)
def test_a_schedule_without_local_times_is_the_same_under_every_policy(schedule: Schedule) -> None:
    assert schedule.dst_policy is None
    assert schedule.with_policy(DstPolicy("skip")) is schedule
