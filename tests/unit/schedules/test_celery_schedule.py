"""An RRULE in any Celery app's beat_schedule."""

import pickle
from datetime import datetime, timedelta

import pytest
from celery import Celery
from celery.beat import ScheduleEntry

from schedules import DstPolicy, InvalidRecurrence
from schedules.beat import rrule
from tests.unit.schedules.moments import local, utc

APP = Celery("any", broker="memory://", set_as_current=False)


def nine(now: str, rule: str = "FREQ=DAILY;BYHOUR=9") -> rrule:
    return rrule(rule, dtstart=local("2026-01-01T00:00"), timezone="Europe/Chisinau", nowfun=lambda: utc(now), app=APP)


def test_it_is_due_when_an_instant_came_since_the_last_run() -> None:
    assert nine("2026-01-02T07:00").is_due(utc("2026-01-02T06:00")) == (True, 86_400)
    assert nine("2026-01-02T06:59").is_due(utc("2026-01-02T06:00")) == (False, 60)
    assert nine("2026-01-02T07:01").is_due(utc("2026-01-02T07:00:01")) == (False, 86_340)


def test_instants_missed_together_make_one_run() -> None:
    assert nine("2026-01-09T08:00").is_due(utc("2026-01-02T06:00")) == (True, 82_800)


def test_a_rule_that_ended_is_looked_at_again_in_a_day() -> None:
    ended = nine("2026-01-02T07:00", "FREQ=DAILY;BYHOUR=9;COUNT=2")

    assert ended.is_due(utc("2026-01-01T08:00")) == (True, 86_400)
    assert ended.is_due(utc("2026-01-02T07:00")) == (False, 86_400)
    assert ended.remaining_estimate(utc("2026-01-02T07:00")) == timedelta(days=1)


def test_the_estimate_is_the_time_until_the_next_instant() -> None:
    assert nine("2026-01-02T06:00").remaining_estimate(utc("2026-01-02T05:00")) == timedelta(hours=1)
    assert nine("2026-01-02T08:00").remaining_estimate(utc("2026-01-02T05:00")) == timedelta(hours=-1)


def test_a_naive_last_run_is_read_as_celery_does_in_utc() -> None:
    naive: datetime = local("2026-01-02T06:00")

    assert nine("2026-01-02T07:00").is_due(naive).is_due


def test_it_is_equal_by_meaning_and_survives_pickling() -> None:
    schedule = rrule("FREQ=DAILY", dtstart=local("2026-01-01T00:00"), timezone="UTC", dst_policy=DstPolicy("skip"))

    assert pickle.loads(pickle.dumps(schedule)) == schedule
    assert hash(pickle.loads(pickle.dumps(schedule))) == hash(schedule)
    assert schedule != rrule("FREQ=DAILY", dtstart=local("2026-01-01T00:00"), timezone="UTC")
    assert schedule != 60
    assert repr(schedule) == "<rrule: FREQ=DAILY UTC>"


def test_celerys_own_entry_takes_it() -> None:
    entry = ScheduleEntry(
        name="report", task="report", schedule=nine("2026-01-02T07:00"), last_run_at=utc("2026-01-02T06:00"), app=APP
    )

    assert entry.is_due().is_due
    assert not next(entry).is_due().is_due


def test_a_bad_rule_is_refused_where_it_is_written() -> None:
    with pytest.raises(InvalidRecurrence, match="INTERVAL must be at least 1"):
        nine("2026-01-01", "FREQ=DAILY;INTERVAL=0")
