"""The metrics of every process of the platform on this machine, and of its queue."""

import os

from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from plugins.observability.breakers import Breakers
from plugins.observability.event_lag import EventLag
from plugins.observability.queue_depth import QueueDepth


def metrics(_request: HttpRequest) -> HttpResponse:
    """What Prometheus scrapes. Processes share their counters through `PROMETHEUS_MULTIPROC_DIR`."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        collected = generate_latest(shared)
    else:
        collected = generate_latest(REGISTRY)
    queue = CollectorRegistry()
    queue.register(QueueDepth())
    queue.register(Breakers())
    queue.register(EventLag())
    return HttpResponse(collected + generate_latest(queue), content_type=CONTENT_TYPE_LATEST)
