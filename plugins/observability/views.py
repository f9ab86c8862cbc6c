"""The metrics of every process of the platform on this machine, and of its queue."""

import logging
import os
from typing import Final

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from plugins.observability.breakers import Breakers
from plugins.observability.event_lag import EventLag
from plugins.observability.queue import Database, Queue, Workforce

_ASKED_OF_THE_DATABASE: Final = (Queue, Workforce, Database, Breakers, EventLag)

_log = logging.getLogger(__name__)


@require_safe
def metrics(_request: HttpRequest) -> HttpResponse:
    """What Prometheus scrapes. Processes share their counters through `PROMETHEUS_MULTIPROC_DIR`."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        collected = generate_latest(shared)
    else:
        collected = generate_latest(REGISTRY)
    return HttpResponse(collected + _of_the_platform(), content_type=CONTENT_TYPE_LATEST)


def _of_the_platform() -> bytes:
    """What the database tells. When it does not answer, that is the one thing there is to be told."""
    registry = CollectorRegistry()
    reachable = Gauge("orchestrator_database_reachable", "Whether Postgres answers, 1 or 0.", registry=registry)
    try:
        told = b"".join(map(_told_by, _ASKED_OF_THE_DATABASE))
    except Error as error:
        _log.warning("The database does not answer a scrape: %s", error)
        return generate_latest(registry)
    reachable.set(1)
    return told + generate_latest(registry)


def _told_by(collector: type) -> bytes:
    registry = CollectorRegistry()
    registry.register(collector())
    return generate_latest(registry)
