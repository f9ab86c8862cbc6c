"""Periodic tasks in the database, with and without an RRULE."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from celery import Celery
from celery.schedules import crontab, schedule
from django.core.exceptions import ValidationError
from django_celery_beat import schedulers
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, PeriodicTasks
from kombu.utils.imports import symbol_by_name

import schedules.beat
from schedules.beat import rrule
from schedules.beat.models import TaskRecurrence
from schedules.beat.scheduler import DatabaseScheduler

pytestmark = pytest.mark.django_db


@pytest.fixture
def app() -> Iterator[Celery]:
    app = Celery("beat-tests", broker="memory://", set_as_current=False)
    app.conf.update(result_expires=None, timezone="UTC", enable_utc=True)
    yield app
    app.close()


@pytest.fixture(autouse=True)
def _no_duties(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BEAT_DUTIES = {}
    # It closes a connection whose autocommit is off, as a test's transaction is.
    monkeypatch.setattr(schedulers, "close_old_connections", lambda: None)


@pytest.fixture
def sent(app: Celery) -> Iterator[list[str]]:
    names: list[str] = []
    with (
        patch.object(DatabaseScheduler, "apply_async", lambda _self, entry, **_: names.append(entry.name)),
        patch.object(DatabaseScheduler, "producer", None),
    ):
        yield names


def ago(**by: int) -> datetime:
    return datetime.now(UTC) - timedelta(**by)


def periodic_task(name: str, **more: Any) -> PeriodicTask:
    carrier, _ = IntervalSchedule.objects.get_or_create(every=20_000, period=IntervalSchedule.DAYS)
    return PeriodicTask.objects.create(name=name, task="report", **({"interval": carrier} | more))


def recurring(name: str, rule: str = "FREQ=SECONDLY", **more: Any) -> PeriodicTask:
    task = periodic_task(name, last_run_at=ago(minutes=1), **more)
    TaskRecurrence.objects.create(periodic_task=task, rrule=rule, dtstart="2026-01-01T00:00:00")
    return task


def tick_all(scheduler: DatabaseScheduler) -> None:
    while scheduler.tick() == 0:
        pass


def test_a_task_with_a_due_recurrence_is_sent_and_remembered(app: Celery, sent: list[str]) -> None:
    task = recurring("every day", "FREQ=DAILY;BYHOUR=0")
    PeriodicTask.objects.filter(pk=task.pk).update(last_run_at=ago(days=2))
    scheduler = DatabaseScheduler(app=app)

    tick_all(scheduler)
    scheduler.close()

    task.refresh_from_db()
    assert sent == ["every day"]
    assert task.total_run_count == 1
    assert task.last_run_at > ago(minutes=1)


def test_a_task_whose_next_instant_is_ahead_is_not_sent(app: Celery, sent: list[str]) -> None:
    recurring("in March", "FREQ=YEARLY;BYMONTH=3;COUNT=500")

    tick_all(DatabaseScheduler(app=app))

    assert sent == []


def test_ordinary_periodic_tasks_go_on_as_before(app: Celery, sent: list[str]) -> None:
    often = IntervalSchedule.objects.create(every=10, period=IntervalSchedule.SECONDS)
    periodic_task("interval", interval=often, last_run_at=ago(minutes=1))
    periodic_task("cron", interval=None, crontab=CrontabSchedule.objects.create(), last_run_at=ago(minutes=5))

    tick_all(DatabaseScheduler(app=app))

    assert sorted(sent) == ["cron", "interval"]


def test_a_recurrence_goes_before_the_schedule_beside_it(app: Celery, sent: list[str]) -> None:
    far = ClockedSchedule.objects.create(clocked_time=ago(days=-30))
    recurring("beside a far clock", interval=None, clocked=far, one_off=True)
    hour = str((datetime.now(UTC).hour + 12) % 24)
    recurring("beside another hour", interval=None, crontab=CrontabSchedule.objects.create(hour=hour))

    tick_all(DatabaseScheduler(app=app))

    assert sorted(sent) == ["beside a far clock", "beside another hour"]


def test_a_disabled_task_is_not_sent(app: Celery, sent: list[str]) -> None:
    recurring("disabled", enabled=False)

    tick_all(DatabaseScheduler(app=app))

    assert sent == []


def test_before_its_start_time_a_task_waits_and_then_only_an_instant_of_the_rule_is_due(
    app: Celery, sent: list[str]
) -> None:
    recurring("starts tomorrow", start_time=ago(days=-1))
    begun = recurring("began a minute ago", "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1", start_time=ago(minutes=1))
    PeriodicTask.objects.filter(pk=begun.pk).update(last_run_at=None)

    tick_all(DatabaseScheduler(app=app))

    assert sent == []


def test_an_expired_task_is_disabled(app: Celery, sent: list[str]) -> None:
    task = recurring("expired", expires=ago(minutes=1))

    tick_all(DatabaseScheduler(app=app))

    task.refresh_from_db()
    assert (sent, task.enabled) == ([], False)


def test_a_one_off_task_runs_once(app: Celery, sent: list[str]) -> None:
    task = recurring("once", one_off=True)
    scheduler = DatabaseScheduler(app=app)

    tick_all(scheduler)
    scheduler.sync()
    PeriodicTask.objects.filter(pk=task.pk).update(last_run_at=ago(minutes=1))
    tick_all(DatabaseScheduler(app=app))

    task.refresh_from_db()
    assert (sent, task.enabled) == (["once"], False)


@pytest.mark.parametrize("change", ["create", "save", "delete", "queryset delete"])
def test_a_change_of_a_recurrence_makes_beat_read_again(app: Celery, change: str) -> None:
    task = periodic_task("changing")
    recurrence = TaskRecurrence(periodic_task=task, rrule="FREQ=DAILY", dtstart="2026-01-01T00:00:00")
    if change != "create":
        recurrence.save()
    scheduler = DatabaseScheduler(app=app)
    assert not scheduler.schedule_changed()
    before = PeriodicTasks.last_change()

    match change:
        case "delete":
            recurrence.delete()
        case "queryset delete":
            TaskRecurrence.objects.all().delete()
        case _:
            recurrence.save()

    assert PeriodicTasks.last_change() > before
    assert scheduler.schedule_changed()


def test_an_unreadable_recurrence_stops_only_its_own_task(
    app: Celery, sent: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    recurring("broken", "FREQ=NEVER")
    recurring("sound")

    tick_all(DatabaseScheduler(app=app))

    assert set(sent) == {"sound"}
    assert "'broken' cannot be read" in caplog.text


def test_the_apps_own_beat_schedule_may_hold_recurrences(app: Celery) -> None:
    daily = rrule("FREQ=DAILY", dtstart=datetime(2026, 1, 1), timezone="Europe/Chisinau")  # noqa: DTZ001
    app.conf.beat_schedule = {"report": {"task": "report", "schedule": daily}}
    first = DatabaseScheduler(app=app).schedule["report"].schedule
    again = DatabaseScheduler(app=app).schedule["report"].schedule
    app.conf.beat_schedule = {"report": {"task": "report", "schedule": crontab(minute="5")}}
    replaced = DatabaseScheduler(app=app).schedule["report"].schedule

    assert first == again == daily
    assert isinstance(replaced, crontab)
    assert not TaskRecurrence.objects.exists()


def test_reading_the_schedule_takes_the_same_queries_for_one_task_or_many(
    app: Celery, django_assert_num_queries: Any
) -> None:
    recurring("first")
    scheduler = DatabaseScheduler(app=app)
    with django_assert_num_queries(2):
        scheduler.all_as_schedule()
    recurring("second")
    periodic_task("third")
    with django_assert_num_queries(2):
        assert len(scheduler.all_as_schedule()) == 3


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"rrule": "FREQ=DAILY;INTERVAL=0"}, "rrule"),
        ({"rrule": "FREQ=DAILY;UNTIL=20200101"}, "rrule"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"dtstart": "noon"}, "dtstart"),
        ({"dst_policy": "maybe"}, "dst_policy"),
    ],
)
def test_a_faulty_recurrence_is_refused_at_its_field(fields: dict[str, str], fault: str) -> None:
    recurrence = TaskRecurrence(
        **({"periodic_task": periodic_task("x"), "rrule": "FREQ=DAILY", "dtstart": "2019-01-01T00:00:00"} | fields)
    )

    with pytest.raises(ValidationError) as refused:
        recurrence.full_clean()

    assert list(refused.value.message_dict) == [fault]


def test_a_sound_recurrence_is_accepted_and_shown() -> None:
    recurrence = TaskRecurrence(periodic_task=periodic_task("x"), rrule="FREQ=DAILY", dtstart="2019-01-01T00:00:00")

    recurrence.full_clean()

    assert str(recurrence) == "FREQ=DAILY"


@pytest.mark.parametrize("name", ["schedules.beat.DatabaseScheduler", "schedules.beat.scheduler:DatabaseScheduler"])
def test_celery_finds_the_scheduler_by_either_name(name: str) -> None:
    assert symbol_by_name(name) is DatabaseScheduler


def test_nothing_else_is_made_up_in_the_package() -> None:
    with pytest.raises(AttributeError, match="Nonsense"):
        _ = schedules.beat.Nonsense


def test_the_carrier_is_not_due_for_another_scheduler() -> None:
    carrier: schedule = schedules.beat.models.CARRIER

    assert not carrier.is_due(ago(days=10_000)).is_due
