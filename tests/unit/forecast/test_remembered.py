"""A remembered schedule answers as the schedule itself, whatever is asked in whatever order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import Cron, DstPolicy, Interval, Recurrence, Schedule
from tasks_app.planning.forecast.remembered import Remembered, remembering
from tasks_app.planning.forecast.subject import rounded_up
from tests.unit.forecast.foreseeing import START, foresee, starts_of, subject, task

SCHEDULES = [
    Interval("PT7M", anchor=START - timedelta(days=3)),
    Cron("30 2,14 * * *", timezone="Europe/Berlin"),
    Recurrence("FREQ=HOURLY;COUNT=9", dtstart=START.replace(tzinfo=None), timezone="UTC"),
]


@given(
    schedule=st.sampled_from(SCHEDULES),
    asked=st.lists(st.tuples(st.integers(-2000, 3000), st.integers(1, 40)), min_size=1, max_size=12),
)
def test_every_answer_is_the_schedules_own(schedule: Schedule, asked: list[tuple[int, int]]) -> None:
    remembered = Remembered(schedule)

    for minutes, limit in asked:
        moment = START + timedelta(minutes=minutes)
        expected = [each.astimezone(UTC) for each in schedule.after(moment, limit)]
        assert [each.astimezone(UTC) for each in remembered.after(moment, limit)] == expected


def test_what_was_answered_once_is_not_evaluated_again() -> None:
    class Counting(Interval):
        asked = 0

        def after(self, moment: datetime, limit: int = 1) -> list[datetime]:
            type(self).asked += 1
            return super().after(moment, limit)

    remembered = Remembered(Counting("PT7M", anchor=START))
    first = remembered.after(START, 50)

    assert remembered.after(START, 50) == first
    assert remembered.after(first[20], 10) == first[21:31]
    assert Counting.asked == 1


def test_between_has_its_end_and_not_its_start() -> None:
    schedule = SCHEDULES[0]
    [first, *_, last] = schedule.after(START, 5)

    assert Remembered(schedule).between(first, last) == schedule.between(first, last)


def test_another_policy_is_another_schedule_remembered_too() -> None:
    schedule = Cron("30 2 * * *", timezone="Europe/Berlin")
    skipping = DstPolicy(gap="skip")
    remembered = Remembered(schedule)

    assert remembered.dst_policy == schedule.dst_policy
    assert remembered.with_policy(skipping) is remembered.with_policy(skipping)
    night = datetime(2026, 3, 29, 0, tzinfo=UTC)
    assert remembered.with_policy(skipping).after(night) == schedule.with_policy(skipping).after(night)
    assert remembered.after(night) != remembered.with_policy(skipping).after(night)


def test_a_forecast_of_remembered_schedules_is_the_same() -> None:
    one = subject(task(1, quiet_hours=[{"from": "09:10", "to": "09:20"}]))

    assert starts_of(foresee(remembering(one), minutes=60)) == starts_of(foresee(one, minutes=60))


@pytest.mark.parametrize(("seconds", "tenths"), [(0, 1), (0.01, 1), (0.1, 1), (0.11, 2), (2, 20), (2.001, 21)])
def test_a_duration_is_rounded_up_to_a_tenth_of_a_second(seconds: float, tenths: int) -> None:
    assert rounded_up(seconds) == tenths * timedelta(milliseconds=100)
