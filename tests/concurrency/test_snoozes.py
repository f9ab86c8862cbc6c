"""Beats that tick while an instant is put off."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection

from tasks_app.maintenance import tick
from tasks_app.models import Run, SkippedOccurrence, Task
from tasks_app.models.clock import database_now
from tasks_app.services import snoozing
from tasks_app.services.actor import SYSTEM
from tests.making import make_agent, make_task, told

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]

MINUTE = timedelta(minutes=1)
TASKS = 30


def test_two_beats_and_a_snooze_make_one_run_or_one_row_of_each_instant() -> None:
    owner, due = make_agent(), database_now().replace(second=0, microsecond=0)
    tasks = [
        make_task(
            created_by=owner,
            schedule_kind="interval",
            schedule_expr="PT1M",
            next_run_at=due,
            planned_until=due - MINUTE,
        )
        for _ in range(TASKS)
    ]

    def beat() -> None:
        while tick.run_once(batch=5)["tasks"]:
            pass

    def snooze() -> None:
        for task in tasks:
            snoozing.snooze(task, actor=SYSTEM, delay=timedelta(seconds=90))

    together(beat, snooze, beat)

    assert Run.objects.filter(scheduled_for=due).count() == TASKS
    assert not SkippedOccurrence.objects.exists()
    assert len(told("task.snoozed")) == TASKS
    for task in Task.objects.all():
        assert task.snoozes is not None
        [put_off] = task.snoozes
        assert datetime.fromisoformat(put_off["at"]) == task.due_at
        assert task.next_run_at == datetime.fromisoformat(put_off["at"]) + MINUTE


def test_those_who_snooze_together_add_up() -> None:
    due = (database_now() + timedelta(hours=1)).replace(microsecond=0)
    task = make_task(schedule_kind="once", schedule_expr=due.isoformat(), next_run_at=due)

    together(*[lambda: snoozing.snooze(task, actor=SYSTEM, delay=MINUTE)] * 4)

    task.refresh_from_db()
    assert task.next_run_at == due + 4 * MINUTE
    moves = [(event.data["at"], event.data["to"]) for event in told("task.snoozed")]
    assert all(before[1] == after[0] for before, after in pairwise(moves))


def together(*acts: Callable[[], object]) -> None:
    ready = threading.Barrier(len(acts))
    failures: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        try:
            ready.wait(10)
            act()
        except BaseException as failure:  # noqa: BLE001 - raised again in the thread that asked
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
