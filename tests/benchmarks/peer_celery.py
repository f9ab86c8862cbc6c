"""The peer: plain Celery, one message a task, that does nothing. `celery -A tests.benchmarks.peer_celery worker`."""

import os

from celery import Celery

from ordinaut_site.embedded.locations import broker_url

app = Celery("peer", broker=broker_url(os.environ["REDIS_URL"]))
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
