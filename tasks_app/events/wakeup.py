"""Wake-ups: a hint to the workers that something is due. Losing one costs a poll's delay, nothing else.

A thread of its own sends them, one a process: who asks for one has something better to do than to wait for Redis, which
may take seconds to answer, or never do. Asked for many times while one is being sent, one more is.
"""

import logging
import threading
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

logger = logging.getLogger(__name__)

_lost = Counter("orchestrator_wakeups_lost_total", "Hints that could not be sent; the workers' polling heals them.")
_quiet_until = 0.0
_wanted = threading.Event()
_starting = threading.Lock()
_sender = threading.Thread()


def send_after_commit() -> None:
    """Wake a worker once the transaction under way has committed; at once outside of one."""
    transaction.on_commit(send)


def send() -> None:
    """Have a worker woken, unless a wake-up is under way already. Never raises and never waits."""
    _wanted.set()
    # Of its parent's threads a process that was forked has none.
    if not _sender.is_alive():
        _start_sender()


def send_now() -> None:
    """The same by the calling thread, which waits for Redis: seconds, where that does not answer."""
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


def _start_sender() -> None:
    global _sender  # noqa: PLW0603 - a process has one
    with _starting:
        if not _sender.is_alive():
            _sender = threading.Thread(target=_send_what_is_wanted, name="wakeup", daemon=True)
            _sender.start()


def _send_what_is_wanted() -> None:
    while True:
        _wanted.wait()
        _wanted.clear()
        try:
            send_now()
        except Exception:  # a fault of ours must not leave this process without hints
            logger.exception("A wake-up could not be sent")
            _lost.inc()
