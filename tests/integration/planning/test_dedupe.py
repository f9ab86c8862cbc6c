"""Under one dedupe key an agent's tasks make one run within its window, whoever asks."""

from datetime import timedelta

import pytest

from tasks_app.exceptions import IllegalMove
from tasks_app.maintenance import tick
from tasks_app.models import Agent, Run, SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tasks_app.services import tasks
from tasks_app.services.actor import SYSTEM
from tests.making import make_agent, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]


def due(agent: Agent, key: str = "report") -> Task:
    minute = database_now().replace(second=0, microsecond=0)
    return make_task(
        created_by=agent, schedule_kind="cron", schedule_expr="* * * * *", next_run_at=minute, dedupe_key=key
    )


def test_two_tasks_that_are_due_together_under_one_key_make_one_run() -> None:
    agent = make_agent()
    due(agent), due(agent), due(agent, "another"), due(make_agent())

    tick.run_once()

    assert Run.objects.count() == 3
    assert [row.reason for row in SkippedOccurrence.objects.all()] == ["deduplicated"]


def test_a_run_of_the_tick_is_the_one_that_a_wish_by_hand_repeats() -> None:
    task = due(make_agent())
    tick.run_once()

    with pytest.raises(IllegalMove, match="report"):
        tasks.run_now(task, actor=SYSTEM)


def test_after_the_window_the_key_is_free_again() -> None:
    task = due(make_agent())
    tick.run_once()
    Run.objects.update(created_at=database_now() - timedelta(seconds=3601))
    Task.objects.update(due_at=database_now())

    tick.run_once()

    assert Run.objects.filter(task=task).count() == 2
