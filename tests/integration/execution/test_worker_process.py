"""The life of a worker's process: it has one worker, and a hint makes it look."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import override_settings

from tasks_app.conf import conf
from tasks_app.events import stream, wakeup
from tasks_app.execution import worker_process
from tasks_app.models import Attempt
from tests.integration.execution.conftest import until
from tests.integration.execution.work import state_of
from tests.making import attempts_of, make_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_emptied")]


@pytest.fixture
def _process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(worker_process, "_worker", None)
    monkeypatch.setattr(worker_process, "_doorbell", None)
    monkeypatch.setattr(worker_process, "_keeper", None)
    monkeypatch.setattr(wakeup, "_quiet_until", 0.0)
    quick = replace(conf(), worker_threads=2, stop_grace=timedelta(seconds=1), poll=timedelta(minutes=5))
    with override_settings(ORDINAUT=quick):
        worker_process.start_worker(lambda: False)
        yield
        worker_process.stop_worker()
        until(_nobody_listens)  # or this process would hear the hints of other tests


def test_to_stop_what_was_never_started_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "_worker", None)
    monkeypatch.setattr(worker_process, "_doorbell", None)
    monkeypatch.setattr(worker_process, "_keeper", None)

    worker_process.stop_worker()


@pytest.mark.usefixtures("_process")
def test_a_hint_makes_the_worker_look_long_before_its_next_poll() -> None:
    _poll_is_over()
    run = make_run()

    wakeup.send_now()

    until(lambda: state_of(run) == "succeeded")
    name = attempts_of(run)[-1].worker
    assert len(name.split(":")) == 3, "host, process and a part that is never the same again"


@pytest.mark.usefixtures("_process")
def test_a_hint_that_came_ten_times_is_one_run() -> None:
    run = make_run()

    for _ in range(10):
        wakeup.send_now()

    until(lambda: state_of(run) == "succeeded")
    assert not Attempt.objects.exists()


@pytest.mark.usefixtures("_process")
def test_what_a_process_hears_when_it_has_stopped_is_passed_on() -> None:
    _poll_is_over()
    assert worker_process._worker is not None
    worker_process._worker.stop()

    wakeup.send_now()

    until(_nobody_listens)
    assert stream.client().llen("ordinaut:bell") == 1


def _poll_is_over() -> None:
    """The worker has looked once by itself, and does not again for minutes."""
    first = make_run()
    wakeup.send_now()
    until(lambda: state_of(first) == "succeeded")


def _nobody_listens() -> bool:
    return not any(thread.name == "doorbell" for thread in threading.enumerate())
