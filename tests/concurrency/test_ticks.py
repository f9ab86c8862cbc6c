"""Any number of beats may tick at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from tasks_app import faults
from tasks_app.maintenance import tick
from tasks_app.models import Run, Task
from tasks_app.models.clock import database_now
from tests.concurrency.another import as_another
from tests.making import make_agent, make_task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]


def make_due(number: int) -> None:
    owner = make_agent()
    due = database_now().replace(second=0, microsecond=0)
    for _ in range(number):
        make_task(created_by=owner, schedule_kind="interval", schedule_expr="PT1M", next_run_at=due)


def test_two_beats_that_tick_at_the_same_time_make_one_run_an_instant() -> None:
    make_due(120)
    ready = threading.Barrier(3)

    def beat() -> None:
        ready.wait(10)
        while tick.run_once(batch=10)["tasks"]:
            pass
        connection.close()

    beats = [threading.Thread(target=beat) for _ in range(3)]
    for thread in beats:
        thread.start()
    for thread in beats:
        thread.join(30)

    assert Run.objects.count() == 120
    assert Run.objects.values("task").distinct().count() == 120


def test_a_beat_skips_the_tasks_that_another_is_at() -> None:
    make_due(4)

    with transaction.atomic():
        assert tick.run_once(batch=2)["runs"] == 2
        assert as_another(lambda: tick.run_once(batch=10)["runs"]) == 2

    assert Run.objects.count() == 4


def test_a_beat_that_dies_before_its_commit_has_done_nothing_and_another_does_it_all() -> None:
    make_due(3)
    before = list(Task.objects.order_by("id").values_list("next_run_at", flat=True))

    def die() -> None:
        raise SystemExit

    faults.plant("before_tick_commit", die)
    with pytest.raises(SystemExit):
        tick.run_once()
    assert not Run.objects.exists()
    assert list(Task.objects.order_by("id").values_list("next_run_at", flat=True)) == before

    faults.clear()
    assert as_another(lambda: tick.run_once()["runs"]) == 3
    assert all(
        after == at + timedelta(minutes=1)
        for after, at in zip(Task.objects.order_by("id").values_list("next_run_at", flat=True), before, strict=True)
    )
