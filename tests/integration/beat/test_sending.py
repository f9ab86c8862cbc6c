"""One instant is sent once, whatever happens to the beats that send it."""

from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django_celery_beat.models import CrontabSchedule, PeriodicTask, PeriodicTasks

from schedules.beat import scheduler as module
from schedules.beat.entries import RecurrenceEntry
from schedules.beat.scheduler import DatabaseScheduler
from tests.concurrency.another import as_another
from tests.integration.beat.sinks import Sent, ago, an_app, often, recurring, tick_all

pytestmark = pytest.mark.django_db(transaction=True)


Beats = tuple[DatabaseScheduler, DatabaseScheduler]


@pytest.mark.parametrize("make", [often, recurring])
def test_what_another_beat_has_sent_is_learnt_and_not_sent_again(beats: Beats, sent: Sent, make: Any) -> None:
    make("shared")
    ours, theirs = beats
    assert ours.schedule
    assert theirs.schedule

    tick_all(ours)
    tick_all(theirs)

    assert sent.names() == ["shared"]
    [ours_next], [theirs_next] = ours._heap, theirs._heap
    assert theirs_next.entry.last_run_at == PeriodicTask.objects.get().last_run_at
    assert abs(theirs_next.time - ours_next.time) < 1


def test_a_task_that_another_beat_is_sending_is_not_waited_for_and_looked_at_again(beats: Beats, sent: Sent) -> None:
    _, theirs = beats
    task = recurring("held")
    tick_all(theirs)  # so that it has read the rows
    PeriodicTask.objects.update(last_run_at=ago(hours=2))
    PeriodicTasks.update_changed()
    sent.all()

    with transaction.atomic():
        PeriodicTask.objects.select_for_update().get(pk=task.pk)
        wait = as_another(theirs.tick)
    assert (sent.names(), wait < 0.3) == ([], True)

    [event] = theirs._heap
    theirs._heap = [event._replace(time=0)]
    tick_all(theirs)
    assert sent.names() == ["held"]


def test_a_beat_that_dies_after_sending_leaves_it_to_another_under_the_same_id(beats: Beats, sent: Sent) -> None:
    tasks = [recurring("rule"), often("interval")]
    ours, theirs = beats
    really_send = DatabaseScheduler.apply_async

    def send_and_die(self: DatabaseScheduler, entry: Any, **more: Any) -> None:
        really_send(self, entry, **more)
        raise SystemExit

    for _ in tasks:
        with patch.object(DatabaseScheduler, "apply_async", send_and_die), pytest.raises(SystemExit):
            ours.tick()
        ours._heap.sort()
        ours._heap.pop(0)
    for task in tasks:
        before = task.last_run_at
        task.refresh_from_db()
        assert (task.last_run_at, task.total_run_count) == (before, 0)
    tick_all(theirs)

    messages = sorted((message["periodic_task_name"], message["id"]) for message in sent.all())
    assert len(messages) == 4
    assert messages[0] == messages[1] != messages[2] == messages[3]


def test_each_instant_has_an_id_of_its_own() -> None:
    rule, interval = recurring("rule"), often("interval")

    ids = set()
    for moment in (ago(hours=4), ago(hours=3), ago(hours=2)):
        for task in (rule, interval):
            task.last_run_at = moment
            ids.add(RecurrenceEntry(task).task_id)

    assert len(ids) == 6


def test_what_a_user_changes_at_the_same_time_stays(beats: Beats, sent: Sent) -> None:
    task = recurring("edited")
    ours, _ = beats
    assert ours.schedule
    PeriodicTask.objects.update(description="mine", args="[5]", queue="other")  # announces nothing

    tick_all(ours)
    ours.sync()

    [message] = sent.all("other")
    assert message["args"] == [5]
    task.refresh_from_db()
    assert (task.description, task.args, task.queue, task.total_run_count) == ("mine", "[5]", "other", 1)


def test_a_tick_sends_at_most_a_hundred(beats: Beats, sent: Sent) -> None:
    ours, _ = beats
    for n in range(5):
        recurring(f"task {n}")

    with patch.object(module, "SENT_A_TICK", 2):
        counts = [(ours.tick(), len(sent.names())) for _ in range(3)]

    assert [count for _, count in counts] == [2, 2, 1]
    assert [wait == 0 for wait, _ in counts] == [True, True, False]


def test_a_beat_that_is_paused_while_it_sends_keeps_the_row_for_seconds_only(beats: Beats, sent: Sent) -> None:
    recurring("limited")
    limits: list[str] = []
    ours, _ = beats

    def send(_self: DatabaseScheduler, _entry: Any, **_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            limits.append(cursor.fetchone()[0])

    with patch.object(DatabaseScheduler, "apply_async", send):
        tick_all(ours)
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        limits.append(cursor.fetchone()[0])

    assert limits == ["10s", "30s"]


def test_every_enabled_task_is_planned_whatever_its_hour_and_zone(beats: Beats) -> None:
    ours, _ = beats
    for zone in ("Asia/Kolkata", "Europe/Berlin", "Pacific/Chatham", "UTC"):
        for hour in range(24):
            cron = CrontabSchedule.objects.create(minute="30", hour=str(hour), timezone=zone)
            often(f"{zone} {hour}", interval=None, crontab=cron, last_run_at=ago(seconds=1))

    tick_all(ours)

    assert len(ours._heap) == 96


def test_entries_of_the_app_are_made_once_and_beats_that_start_again_put_nothing_off(settings: Any) -> None:
    settings.BEAT_DUTIES = {}
    entries = {"static": {"task": "report", "schedule": 10.0, "args": (1,), "options": {"queue": "other"}}}
    with an_app(beat_schedule=entries) as app:
        DatabaseScheduler(app=app).close()
        made = PeriodicTask.objects.get()
        DatabaseScheduler(app=app).close()
        again = PeriodicTask.objects.get()
        PeriodicTask.objects.update(last_run_at=ago(hours=2))
        first, second = DatabaseScheduler(app=app), DatabaseScheduler(app=app)
        tick_all(first)
        tick_all(second)
        first.close()
        second.close()
        [message] = Sent(app).all("other")

    assert again.date_changed == made.date_changed
    assert (message["periodic_task_name"], message["args"]) == ("static", [1])


def test_a_changed_entry_of_the_app_changes_its_row_and_not_when_it_last_ran(settings: Any) -> None:
    settings.BEAT_DUTIES = {}
    last_run_at = ago(seconds=1)
    for args in ((1,), (2,)):
        with an_app(beat_schedule={"static": {"task": "report", "schedule": 3600, "args": args}}) as app:
            DatabaseScheduler(app=app).close()
        PeriodicTask.objects.update(last_run_at=last_run_at)

    row = PeriodicTask.objects.get()
    assert (row.args, row.last_run_at) == ("[2]", last_run_at)
