"""Wake-ups: a hint to the workers that something is due. Losing one costs a poll's delay, nothing else.

Every worker process that has nothing to do waits at a list in Redis, and one of them is woken by what is put there: not by a
message through Celery, which costs its sender, its main process and its child some milliseconds, of the few until a run begins.
A list that nobody waits at holds one hint at most: who comes next will look anyway.

A thread of its own sends them, one a process: who asks for one has something better to do than to wait for Redis, which
may take seconds to answer, or never do. Asked for many times while one is being sent, one more is.
"""

import logging
import threading
import time
from functools import cache
from typing import Any, Final

import redis
from django.db import transaction
from prometheus_client import Counter

from tasks_app.events import stream

_BELL: Final = "ordinaut:bell"
_QUIET_SECONDS: Final = 3.0
_PAUSE_WITHOUT_REDIS: Final = 1.0  # seconds

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
    """Have a worker woken. Never raises and never waits."""
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
        # Whoever waits there takes the hint after both commands; nobody does, and it is the only one.
        bell = stream.client().pipeline(transaction=True)
        bell.lpush(_BELL, 1)
        bell.ltrim(_BELL, 0, 0)
        bell.execute()
    except (redis.RedisError, OSError):
        _quiet_until = time.monotonic() + _QUIET_SECONDS
        _lost.inc()


def heard() -> bool:
    """Wait for a wake-up, a second at most. Never raises: a Redis that does not answer is one that does not wake."""
    try:
        return _listener().blpop([_BELL], timeout=stream.WAIT_SECONDS) is not None
    except (redis.RedisError, OSError):
        time.sleep(_PAUSE_WITHOUT_REDIS)
        return False


@cache
def _listener() -> Any:
    """A client that may wait for as long as a hint may take to come."""
    return stream.blocking_client()


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
