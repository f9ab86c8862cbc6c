"""What django-celery-beat promises of a `PeriodicTask`, for one that follows an RRULE."""

from datetime import UTC, datetime, timedelta

import pytest
from django_celery_beat.models import CrontabSchedule, PeriodicTask, PeriodicTasks

from schedules.beat.models import TaskRecurrence
from schedules.beat.scheduler import DatabaseScheduler
from tests.integration.beat.sinks import Sent, ago, recurring, tick_all

pytestmark = pytest.mark.django_db(transaction=True)
EVERY_YEAR = "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1"


def test_a_run_is_written_as_it_is_sent(scheduler: DatabaseScheduler, sent: Sent) -> None:
    task, other = recurring("due", total_run_count=4), recurring("not due", EVERY_YEAR)
    before = datetime.now(UTC)

    tick_all(scheduler)

    task.refresh_from_db()
    assert sent.names() == ["due"]
    assert task.total_run_count == 5
    assert before <= task.last_run_at <= datetime.now(UTC)
    unchanged = PeriodicTask.objects.get(pk=other.pk)
    assert (unchanged.last_run_at, unchanged.total_run_count) == (other.last_run_at, 0)


def test_arguments_queue_priority_and_headers_are_those_of_the_task(scheduler: DatabaseScheduler, sent: Sent) -> None:
    recurring(
        "full",
        args="[1, 2]",
        kwargs='{"colour": "red"}',
        queue="urgent",
        priority=7,
        headers='{"tenant": "acme"}',
        expire_seconds=90,
    )

    tick_all(scheduler)

    [message] = sent.all("urgent")
    assert (message["args"], message["kwargs"]) == ([1, 2], {"colour": "red"})
    assert (message["priority"], message["tenant"], message["task"]) == (7, "acme", "report")
    assert timedelta() < datetime.fromisoformat(message["expires"]) - datetime.now(UTC) <= timedelta(seconds=90)


def test_a_disabled_task_is_sent_when_it_is_enabled_again(scheduler: DatabaseScheduler, sent: Sent) -> None:
    task = recurring("resting", "FREQ=SECONDLY", enabled=False)
    tick_all(scheduler)
    assert sent.names() == []

    task.enabled, task.last_run_at = True, ago(hours=2)
    task.save()
    tick_all(scheduler)

    assert sent.names() == ["resting"]


def test_a_task_that_is_disabled_is_not_sent_even_by_a_beat_that_has_not_noticed(
    scheduler: DatabaseScheduler, sent: Sent
) -> None:
    task = recurring("stopped")
    assert scheduler.schedule
    PeriodicTask.objects.filter(pk=task.pk).update(enabled=False)  # announces nothing

    tick_all(scheduler)

    assert sent.names() == []


def test_a_one_off_task_is_disabled_by_its_run_and_runs_once_more_when_enabled(
    scheduler: DatabaseScheduler, sent: Sent
) -> None:
    task = recurring("once", "FREQ=SECONDLY", one_off=True)

    tick_all(scheduler)
    task.refresh_from_db()
    assert (sent.names(), task.enabled, task.total_run_count) == (["once"], False, 0)

    task.enabled, task.last_run_at = True, ago(hours=2)
    task.save()
    tick_all(scheduler)
    assert sent.names() == ["once"]


def test_a_one_off_task_that_another_scheduler_has_run_is_disabled(scheduler: DatabaseScheduler, sent: Sent) -> None:
    task = recurring("was sent", one_off=True, total_run_count=1)

    tick_all(scheduler)

    task.refresh_from_db()
    assert (sent.names(), task.enabled, task.total_run_count) == ([], False, 0)


def test_an_expired_task_is_disabled_and_not_sent(scheduler: DatabaseScheduler, sent: Sent) -> None:
    task = recurring("expired", expires=ago(seconds=1))

    tick_all(scheduler)

    task.refresh_from_db()
    assert (sent.names(), task.enabled, task.last_run_at) == ([], False, None)


def test_an_expiry_that_was_put_off_meanwhile_stays(scheduler: DatabaseScheduler, sent: Sent) -> None:
    task = recurring("put off", expires=ago(seconds=-0.2))
    assert scheduler.schedule
    PeriodicTask.objects.filter(pk=task.pk).update(expires=ago(days=-1), description="put off")
    [entry] = scheduler.schedule.values()
    entry.model.expires = ago(seconds=1)

    assert not entry.is_due().is_due

    task.refresh_from_db()
    assert (task.enabled, task.description) == (True, "put off")


def test_before_its_start_time_a_task_is_not_sent(scheduler: DatabaseScheduler, sent: Sent) -> None:
    recurring("tomorrow", start_time=ago(days=-1))
    midnight = CrontabSchedule.objects.create(minute="0", hour="0")
    recurring("beside a crontab", start_time=ago(seconds=-3), interval=None, crontab=midnight)

    tick_all(scheduler)

    assert sent.names() == []
    [first, _] = sorted(event.time for event in scheduler._heap)
    assert first - datetime.now(UTC).timestamp() < 5  # its start, not the crontab's midnight after it


def test_from_its_start_time_on_the_rule_decides(scheduler: DatabaseScheduler, sent: Sent) -> None:
    begun = recurring("begun", "FREQ=SECONDLY", start_time=ago(seconds=2))
    later = recurring("begun, not due", EVERY_YEAR, start_time=ago(seconds=2))
    PeriodicTask.objects.filter(pk__in=[begun.pk, later.pk]).update(last_run_at=None, date_changed=ago(hours=2))

    tick_all(scheduler)

    assert sent.names() == ["begun"]


def test_a_task_that_never_ran_counts_from_its_last_change(scheduler: DatabaseScheduler, sent: Sent) -> None:
    new, old = recurring("new", EVERY_YEAR), recurring("old", EVERY_YEAR)
    PeriodicTask.objects.filter(pk=new.pk).update(last_run_at=None)
    PeriodicTask.objects.filter(pk=old.pk).update(last_run_at=None, date_changed=ago(days=400))

    tick_all(scheduler)

    assert sent.names() == ["old"]


def test_instants_that_passed_while_no_beat_ran_make_one_run(scheduler: DatabaseScheduler, sent: Sent) -> None:
    recurring("missed many", "FREQ=MINUTELY", last_run_at=ago(days=3))

    tick_all(scheduler)

    assert sent.names() == ["missed many"]


@pytest.mark.parametrize("change", ["rule", "task", "queue"])
def test_a_changed_task_is_noticed_at_the_next_tick(scheduler: DatabaseScheduler, sent: Sent, change: str) -> None:
    task = recurring("changing", EVERY_YEAR)
    tick_all(scheduler)
    assert sent.all("sink", "other") == []

    TaskRecurrence.objects.filter(periodic_task=task).update(rrule="FREQ=HOURLY")
    match change:
        case "rule":
            task.recurrence.rrule = "FREQ=HOURLY"
            task.recurrence.save()
        case "task":
            task.task = "another"
            task.save()
        case "queue":
            task.queue = "other"
            task.save()
    tick_all(scheduler)

    [message] = sent.all("sink", "other")
    assert message["task"] == ("another" if change == "task" else "report")


def test_a_deleted_task_is_not_sent(scheduler: DatabaseScheduler, sent: Sent) -> None:
    recurring("deleted")
    assert scheduler.schedule

    PeriodicTask.objects.all().delete()
    tick_all(scheduler)

    assert sent.names() == []


def test_a_change_announced_by_a_host_whose_clock_is_behind_is_noticed(scheduler: DatabaseScheduler) -> None:
    recurring("changing")
    assert scheduler.schedule

    PeriodicTasks.objects.update(last_update=ago(hours=1))

    assert scheduler.schedule_changed()
    assert not scheduler.schedule_changed()
