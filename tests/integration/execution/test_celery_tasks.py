"""Celery's way in: a process has one worker, a message makes it look, and without one nothing happens."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import override_settings

from tasks_app import celery_tasks
from tasks_app.conf import conf
from tasks_app.models import Attempt
from tests.integration.execution.conftest import until
from tests.integration.execution.work import state_of
from tests.making import attempts_of, make_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]


@pytest.fixture
def _process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(celery_tasks, "_worker", None)
    quick = replace(conf(), worker_threads=2, stop_grace=timedelta(seconds=1), poll=timedelta(minutes=5))
    with override_settings(ORDINAUT=quick):
        celery_tasks.start_worker(lambda: False)
        yield
        celery_tasks.stop_worker()


def test_before_a_worker_has_started_a_message_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(celery_tasks, "_worker", None)
    run = make_run()

    celery_tasks.drain()
    celery_tasks.stop_worker()

    assert state_of(run) == "queued"


@pytest.mark.usefixtures("_process")
def test_a_message_makes_the_worker_look_long_before_its_next_poll() -> None:
    celery_tasks.drain()
    run = make_run()

    celery_tasks.drain()

    until(lambda: state_of(run) == "succeeded")
    name = attempts_of(run)[-1].worker
    assert len(name.split(":")) == 3, "host, process and a part that is never the same again"


@pytest.mark.usefixtures("_process")
def test_a_message_that_came_ten_times_is_one_run() -> None:
    run = make_run()

    for _ in range(10):
        celery_tasks.drain()

    until(lambda: state_of(run) == "succeeded")
    assert not Attempt.objects.exists()
