"""Wake-ups: a hint to the workers that something is due. Losing one costs a poll's delay, nothing else."""

import time
from typing import Final

import redis
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from prometheus_client import Counter

from tasks_app.events import stream

DRAIN: Final = "ordinaut.drain"
_PENDING: Final = "ordinaut:wakeup"
_PENDING_SECONDS: Final = 5  # a hint that was lost hides later ones for so long at most
_QUIET_SECONDS: Final = 3.0

_lost = Counter("orchestrator_wakeups_lost_total", "Hints that could not be sent; the workers' polling heals them.")
_quiet_until = 0.0


def send_after_commit() -> None:
    """Wake a worker once the transaction under way has committed; at once outside of one."""
    transaction.on_commit(send)


def send() -> None:
    """Wake a worker, unless a wake-up is under way already. Never raises and never waits for long."""
    global _quiet_until  # noqa: PLW0603 - one memory a process of a broker that does not answer
    if time.monotonic() < _quiet_until:
        _lost.inc()
        return
    try:
        if stream.client().set(_PENDING, 1, nx=True, ex=_PENDING_SECONDS):
            current_app.send_task(DRAIN, ignore_result=True, retry=False, expires=60)
    except (redis.RedisError, OperationalError, OSError):
        _quiet_until = time.monotonic() + _QUIET_SECONDS
        _lost.inc()


def received() -> None:
    """A worker is about to look: from here on a new wake-up is worth sending."""
    try:
        stream.client().delete(_PENDING)
    except (redis.RedisError, OSError):
        _lost.inc()
