"""A change to a task is live within two seconds: the tick comes each second and reads the row itself."""

from datetime import timedelta

import pytest
from django.conf import settings

from tasks_app.maintenance import tick
from tasks_app.models import Run, Task
from tasks_app.models.clock import database_now
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tests.integration.execution.conftest import until
from tests.making import make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]


def test_beat_looks_at_tasks_and_at_periodic_tasks_each_second() -> None:
    _, seconds_between_ticks = settings.BEAT_DUTIES["tick"]

    assert seconds_between_ticks == settings.CELERY_BEAT_MAX_LOOP_INTERVAL == 1


def test_a_changed_schedule_is_due_within_its_first_second_and_fires_at_the_next_tick() -> None:
    task = make_task(schedule_kind="cron", schedule_expr="0 0 1 1 *", next_run_at=database_now() + timedelta(days=30))
    assert tick.run_once()["runs"] == 0

    changed_at = database_now()
    tasks.update_task(task, actor=SYSTEM, changes={"schedule_kind": "interval", "schedule_expr": "PT1S"})
    task.refresh_from_db()
    assert task.next_run_at is not None
    assert task.next_run_at - changed_at < timedelta(seconds=2)
    until(lambda: Task.objects.due().exists())
    tick.run_once()

    assert Run.objects.filter(task=task).exists()


def test_a_task_that_was_paused_a_moment_ago_fires_no_more() -> None:
    task = make_task(schedule_kind="interval", schedule_expr="PT1S", next_run_at=database_now())

    tasks.pause(task, actor=SYSTEM)
    tick.run_once()

    assert not Run.objects.exists()
