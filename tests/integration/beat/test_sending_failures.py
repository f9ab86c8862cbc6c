"""What goes wrong around a periodic task stops no other, and loses nothing."""

from datetime import datetime
from typing import Any
from unittest.mock import patch

import pytest
from celery import Celery
from celery.schedules import schedule
from django.db import OperationalError, connection
from django_celery_beat.models import PeriodicTask
from kombu.exceptions import OperationalError as BrokerAway

from schedules.beat import scheduler as module
from schedules.beat.entries import RecurrenceEntry
from schedules.beat.scheduler import DatabaseScheduler
from tests.integration.beat.sinks import Sent, ago, often, recurring, tick_all

pytestmark = pytest.mark.django_db(transaction=True)


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == module.logger.name and record.levelname != "INFO"
    ]


def test_a_broker_that_is_away_loses_nothing_and_is_told_of_once(
    scheduler: DatabaseScheduler, sent: Sent, caplog: pytest.LogCaptureFixture
) -> None:
    task = recurring("patient")

    with patch.object(Celery, "send_task", side_effect=BrokerAway("no route to the broker")):
        for _ in range(3):
            scheduler.tick()
            scheduler._heap = [event._replace(time=0) for event in scheduler._heap]
    task.refresh_from_db()
    assert (task.total_run_count, task.last_run_at < ago(seconds=30)) == (0, True)
    tick_all(scheduler)

    assert sent.names() == ["patient"]
    ours_log = warned(caplog)
    assert [message.partition(",")[0] for message in ours_log] == [
        "patient cannot be sent",
        "patient can be sent again",
    ]


def test_a_task_that_cannot_be_sent_stops_no_other(scheduler: DatabaseScheduler, sent: Sent) -> None:
    recurring("sound"), recurring("no such exchange")
    really_send = DatabaseScheduler.apply_async

    def send(self: DatabaseScheduler, entry: Any, **more: Any) -> Any:
        if entry.name == "no such exchange":
            raise module.SchedulingError("no such exchange")
        return really_send(self, entry, **more)

    with patch.object(DatabaseScheduler, "apply_async", send):
        tick_all(scheduler)

    assert sent.names() == ["sound"]


def test_a_schedule_that_cannot_be_evaluated_stops_no_other(scheduler: DatabaseScheduler, sent: Sent) -> None:
    broken, _ = often("broken"), recurring("sound")
    really_judge = schedule.is_due

    def judge(self: schedule, last_run_at: datetime) -> Any:
        if self.run_every.total_seconds() == 3600:
            raise ArithmeticError("no such time")
        return really_judge(self, last_run_at)

    with patch.object(schedule, "is_due", judge):
        tick_all(scheduler)

    assert sent.names() == ["sound"]
    broken.refresh_from_db()
    assert broken.total_run_count == 0


def test_a_schedule_that_cannot_be_evaluated_any_more_stops_no_other(scheduler: DatabaseScheduler, sent: Sent) -> None:
    often("broken"), recurring("sound")
    tick_all(scheduler)
    assert len(sent.all()) == 2
    PeriodicTask.objects.update(last_run_at=ago(hours=2))
    scheduler.schedule_changed()
    for event in scheduler._heap:
        event.entry.last_run_at = ago(hours=2)
    scheduler._heap = [event._replace(time=0) for event in scheduler._heap]

    with patch.object(schedule, "is_due", side_effect=ArithmeticError("no such time")):
        tick_all(scheduler)

    assert sent.names() == ["sound"]


def test_a_recurrence_that_has_become_unreadable_stops_no_other(scheduler: DatabaseScheduler, sent: Sent) -> None:
    broken, _ = recurring("broken"), recurring("sound")
    assert scheduler.schedule
    type(broken.recurrence).objects.filter(periodic_task=broken).update(rrule="FREQ=NEVER")

    tick_all(scheduler)

    assert sent.names() == ["sound"]


def test_a_database_that_is_away_is_told_of_once_and_then_all_goes_on(
    scheduler: DatabaseScheduler, sent: Sent, caplog: pytest.LogCaptureFixture
) -> None:
    tick_all(scheduler)
    recurring("after all")

    with patch.object(DatabaseScheduler, "all_as_schedule", side_effect=OperationalError("the server is away")):
        waits = [scheduler.tick() for _ in range(3)]
    tick_all(scheduler)

    assert waits == [1.0] * 3
    assert sent.names() == ["after all"]
    ours_log = warned(caplog)
    assert ours_log == [
        "periodic tasks cannot be sent, which is tried again: the server is away",
        "periodic tasks can be sent again",
    ]


def test_a_database_that_only_reads_since_a_failover_is_left_for_the_new_primary(
    scheduler: DatabaseScheduler, sent: Sent, caplog: pytest.LogCaptureFixture
) -> None:
    tick_all(scheduler)
    recurring("after all")
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")

    assert scheduler.tick() == 1.0
    tick_all(scheduler)

    assert sent.names() == ["after all"]
    assert [message.partition(",")[0] for message in warned(caplog)] == [
        "periodic tasks cannot be sent",
        "periodic tasks can be sent again",
    ]


def test_a_database_that_goes_away_while_a_task_is_judged_is_not_the_tasks_fault(
    scheduler: DatabaseScheduler, sent: Sent
) -> None:
    recurring("judged")
    tick_all(scheduler)
    PeriodicTask.objects.update(last_run_at=ago(hours=2))
    scheduler._heap = [event._replace(time=0) for event in scheduler._heap]
    sent.all()

    with patch.object(RecurrenceEntry, "is_due", side_effect=OperationalError("the server is away")):
        assert scheduler.tick() == 1.0

    tick_all(scheduler)
    assert sent.names() == ["judged"]


def test_a_row_whose_arguments_cannot_be_read_is_disabled_and_otherwise_left_alone(
    scheduler: DatabaseScheduler,
) -> None:
    often("unreadable", args="[1", description="mine")

    tick_all(scheduler)

    row = PeriodicTask.objects.get()
    assert (row.enabled, row.args, row.description) == (False, "[1", "mine")
