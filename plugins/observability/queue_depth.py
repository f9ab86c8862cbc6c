"""How many runs are in each unfinished state, asked of the database at each scrape."""

from collections.abc import Iterator

from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tasks_app.models import Run
from tasks_app.states import RunState


class QueueDepth(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        depth = GaugeMetricFamily("orchestrator_queue_depth", "Unfinished runs by state.", labels=["state"])
        for state in (RunState.QUEUED, RunState.WAITING, RunState.RUNNING):
            # A count per state, each over its own partial index: one GROUP BY would read the whole table.
            depth.add_metric([state], Run.objects.filter(state=state).aggregate(n=Count("pk"))["n"])
        yield depth
