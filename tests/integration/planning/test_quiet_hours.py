"""Of the instants in one window of quiet hours one run is made, however late and however often the tick comes."""

from datetime import datetime, timedelta

import pytest

from tasks_app.maintenance import tick
from tasks_app.models import Run, SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tests.making import claim, make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_emptied")]


def window(begin: datetime, end: datetime) -> list[dict[str, str]]:
    return [{"from": f"{begin:%H:%M}", "to": f"{end:%H:%M}"}]


def test_the_run_waits_for_the_end_and_what_follows_in_the_window_has_nothing_to_do() -> None:
    now = database_now().replace(second=0, microsecond=0)
    quiet = window(now - timedelta(minutes=10), now + timedelta(minutes=50))
    task = make_task(schedule_kind="cron", schedule_expr="* * * * *", next_run_at=now, quiet_hours=quiet)

    tick.run_once()
    Task.objects.update(due_at=now + timedelta(minutes=1))  # as if that minute had come
    task.refresh_from_db()

    run = Run.objects.get()
    assert (run.state, run.waiting_for, run.run_at) == ("waiting", "start", now + timedelta(minutes=50))
    assert task.deferred_to == run.run_at
    assert task.next_run_at == run.run_at


def test_a_late_tick_after_the_run_has_ended_makes_no_second_one_for_the_window() -> None:
    now = database_now().replace(second=0, microsecond=0)
    ended_at = now - timedelta(minutes=1)
    quiet = window(now - timedelta(minutes=30), ended_at)
    task = make_task(
        schedule_kind="cron",
        schedule_expr="* * * * *",
        next_run_at=now - timedelta(minutes=3),
        deferred_to=ended_at,
        misfire_policy="all",
        quiet_hours=quiet,
    )

    tick.run_once()

    reasons = SkippedOccurrence.objects.filter(task=task).order_by("scheduled_for").values_list("reason", flat=True)
    assert list(reasons)[:2] == ["blackout", "blackout"]
    assert min(run.scheduled_for for run in Run.objects.all() if run.scheduled_for) >= ended_at
    assert claim()
