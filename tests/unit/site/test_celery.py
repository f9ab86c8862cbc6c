"""Celery's own settings, where the default would end a worker."""

import subprocess
import sys

import pytest
import redis

from ordinaut_site.celery import app


@pytest.mark.parametrize(
    "refusal", [redis.ReadOnlyError, redis.OutOfMemoryError, redis.ResponseError], ids=lambda refusal: refusal.__name__
)
def test_after_a_refusal_by_redis_a_worker_connects_again(refusal: type[Exception]) -> None:
    broker = app.connection_for_read()
    recoverable = broker.connection_errors
    if app.conf.broker_channel_error_retry:  # what the consumer asks, too: celery/worker/consumer/consumer.py
        recoverable += broker.channel_errors

    assert issubclass(refusal, recoverable)


def test_what_a_child_runs_is_loaded_before_it_is_forked() -> None:
    """Else every child loads it for itself: the one that takes a dead one's place, too, while runs wait."""
    program = (
        "import sys, django; from ordinaut_site.celery import Watch; django.setup(); Watch(None);"
        "assert 'tasks_app.execution.worker_process' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
