"""Plain Celery, one message a task. `celery -A tests.benchmarks.peers.plain_celery worker`."""

import os
import time
from functools import cache

import httpx2
import redis
from celery import Celery

from ordinaut_site.embedded.locations import broker_url

STARTS = "peer-starts"

# Not the current one: in the benchmark's own process the platform's wake-ups must go to the platform's workers.
app = Celery("peer", broker=broker_url(os.environ["REDIS_URL"]), set_as_current=False)
app.conf.update(
    task_default_queue="peer",
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
)


@app.task(name="peer.noop")
def noop() -> None:
    """Nothing at all."""


@app.task(name="peer.tell_start")
def tell_start() -> None:
    """Say when it began, by this machine's clock."""
    starts().rpush(STARTS, repr(time.time()))


@app.task(name="peer.nap")
def nap(seconds: float) -> None:
    time.sleep(seconds)


@app.task(name="peer.call")
def call(url: str) -> None:
    _http().get(url).raise_for_status()


@cache
def starts() -> "redis.Redis":
    """Where `tell_start` tells, in the list `STARTS`."""
    return redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=None)


@cache
def _http() -> httpx2.Client:
    """One for all threads, with connections that are kept: the best that the library offers."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    return httpx2.Client(trust_env=False, timeout=30, limits=limits)
